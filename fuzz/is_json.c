#include "is_json.h"

#include <string.h>

static const char *skip_value(const char *s);

static const char *skip_string(const char *s)
{
	if (*s++ != '"')
		return NULL;
	for (; *s != '"'; s++) {
		if ((unsigned char)*s < ' ')
			return NULL;
		if (*s == '\\' && (!*++s || !strchr("\"\\/bfnrtu", *s)))
			return NULL;
	}
	return s + 1;
}

static const char *skip_space(const char *s)
{
	return s ? s + strspn(s, " \t\r\n") : NULL;
}

static const char *skip_pair(const char *s)
{
	s = skip_string(skip_space(s));
	return s && *(s = skip_space(s)) == ':' ? skip_value(s + 1) : NULL;
}

static const char *skip_list(const char *s, char end, const char *(*skip)(const char *))
{
	s = skip_space(s + 1);
	if (*s == end)
		return s + 1;
	while ((s = skip_space(skip(s))) && *s == ',')
		s++;
	return s && *s == end ? s + 1 : NULL;
}

static const char *skip_value(const char *s)
{
	s = skip_space(s);
	if (*s == '{')
		return skip_list(s, '}', skip_pair);
	if (*s == '[')
		return skip_list(s, ']', skip_value);
	if (*s == '"')
		return skip_string(s);
	size_t length = strspn(s, "-+.0123456789eE");
	if (length)
		return s + length;
	for (const char *const *word = (const char *const[]){"true", "false", "null", NULL}; *word;
		word++)
		if (strncmp(s, *word, strlen(*word)) == 0)
			return s + strlen(*word);
	return NULL;
}

bool is_json(const char *text)
{
	const char *end = skip_space(skip_value(text));
	return end && !*end;
}

bool is_utf8(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	while (*s) {
		int more = *s < 0x80   ? 0
			   : *s < 0xc2 ? -1
			   : *s < 0xe0 ? 1
			   : *s < 0xf0 ? 2
			   : *s < 0xf5 ? 3
				       : -1;
		if (more < 0 || (*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) ||
			(*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f))
			return false;
		while (more--)
			if ((*++s & 0xc0) != 0x80)
				return false;
		s++;
	}
	return true;
}
