/* `pollcheck rules` and `pollcheck explain`: what each rule stands on and says. */
#ifndef POLLCHECK_EXPLAIN_H
#define POLLCHECK_EXPLAIN_H

int rules_list(int argc, char **argv);
int rule_explain(int argc, char **argv);

#endif
