/* The graph: a source for each folder, and the sink. */
#if HAVE_BABELTRACE

#include "graph.h"

#include "guard.h"
#include "merge.h"
#include "packet_copy.h"
#include "refuse.h"

#include <stdio.h>
#include <stdlib.h>

static void check(bool ok, const char *what)
{
	char reason[256];
	if (ok)
		return;
	take_reason(reason, sizeof(reason));
	refuse(FAILED, "libbabeltrace2 failed to %s: %s", what, reason);
}

/* --- the source: plugin ctf, component class fs --- */

static const bt_component_class_source *source_class(void)
{
	static const bt_plugin *plugin;
	if (!plugin)
		bt_plugin_find("ctf", BT_TRUE, BT_TRUE, BT_TRUE, BT_FALSE, BT_FALSE, &plugin);
	const bt_component_class_source *found =
		plugin ? bt_plugin_borrow_source_component_class_by_name_const(plugin, "fs") : NULL;
	if (!found)
		refuse(FAILED, "libbabeltrace2 has no reader for CTF; install its plugins (Debian: "
			       "babeltrace2)");
	return found;
}

static const bt_component_source *add_source(bt_graph *graph, const char *folder, size_t number)
{
	char name[32];
	bt_value *inputs, *parameters = bt_value_map_create();
	const bt_component_source *source = NULL;
	snprintf(name, sizeof(name), "trace%zu", number);
	bt_value_map_insert_empty_array_entry(parameters, "inputs", &inputs);
	bt_value_array_append_string_element(inputs, folder);
	bt_graph_add_source_component(
		graph, source_class(), name, parameters, BT_LOGGING_LEVEL_NONE, &source);
	bt_value_put_ref(parameters);
	return source;
}

/* What aborts is not given back: see guard.h. */
static const bt_component_source *opened(
	bt_graph *graph, const char *folder, size_t number, char *reason, size_t size)
{
	if (!metadata_is_text(folder)) {
		snprintf(reason, size, "it does not begin with /* CTF 1.8");
		bt_graph_put_ref(graph);
		return NULL;
	}
	if (sigsetjmp(guard_return, 0)) {
		take_reason(reason, size);
		return NULL;
	}
	guard_begin();
	const bt_component_source *source = add_source(graph, folder, number);
	guard_end();
	if (!source) {
		take_reason(reason, size);
		bt_graph_put_ref(graph);
	}
	return source;
}

bool graph_opens(const char *folder, char *reason, size_t size)
{
	bt_graph *graph = bt_graph_create(0);
	snprintf(reason, size, "a packet of no size");
	if (!packets_end(folder) || !opened(graph, folder, 0, reason, size))
		return false;
	bt_graph_put_ref(graph);
	return true;
}

/* --- the sink --- */

static bt_component_class_initialize_method_status sink_initialize(bt_self_component_sink *self,
	bt_self_component_sink_configuration *configuration, const bt_value *parameters, void *data)
{
	char name[32];
	(void)configuration;
	(void)parameters;
	(void)data;
	for (size_t i = 0; i < merge.count; i++) {
		snprintf(name, sizeof(name), "in%zu", i);
		if (bt_self_component_sink_add_input_port(self, name, NULL, NULL) !=
			BT_SELF_COMPONENT_ADD_PORT_STATUS_OK)
			return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_ERROR;
	}
	return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_OK;
}

static bt_component_class_sink_graph_is_configured_method_status sink_configured(
	bt_self_component_sink *self)
{
	for (size_t i = 0; i < merge.count; i++) {
		char reason[256];
		if (bt_message_iterator_create_from_sink_component(self,
			    bt_self_component_sink_borrow_input_port_by_index(self, i),
			    &merge.streams[i].iterator) ==
			BT_MESSAGE_ITERATOR_CREATE_FROM_SINK_COMPONENT_STATUS_OK)
			continue;
		take_reason(reason, sizeof(reason));
		stream_damaged(&merge.streams[i], reason);
	}
	return BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_OK;
}

/* All of it in one turn: there is nothing else in the graph that wants one. */
static bt_component_class_sink_consume_method_status sink_consume(bt_self_component_sink *self)
{
	(void)self;
	merge_run();
	return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_END;
}

static const bt_component_sink *add_sink(bt_graph *graph)
{
	const bt_component_sink *sink = NULL;
	bt_component_class_sink *class = bt_component_class_sink_create("pollcheck", sink_consume);
	check(class != NULL, "make a sink");
	bt_component_class_sink_set_initialize_method(class, sink_initialize);
	bt_component_class_sink_set_graph_is_configured_method(class, sink_configured);
	bt_graph_add_sink_component(graph, class, "sink", NULL, BT_LOGGING_LEVEL_NONE, &sink);
	check(sink != NULL, "add a sink");
	bt_component_class_sink_put_ref(class);
	return sink;
}

static void connect_streams(bt_graph *graph, const char *folder, const bt_component_source *source,
	const bt_component_sink *sink, size_t first)
{
	uint64_t ports = bt_component_source_get_output_port_count(source);
	for (uint64_t i = 0; i < ports; i++) {
		const bt_port_output *from =
			bt_component_source_borrow_output_port_by_index_const(source, i);
		merge.streams[first + i].folder = folder;
		merge.streams[first + i].port =
			bt_port_get_name(bt_port_output_as_port_const(from));
		check(bt_graph_connect_ports(graph, from,
			      bt_component_sink_borrow_input_port_by_index_const(sink, first + i),
			      NULL) == BT_GRAPH_CONNECT_PORTS_STATUS_OK,
			"connect a stream");
	}
}

static void run(
	bt_graph *graph, const struct gathered *folders, const bt_component_source *const *sources)
{
	size_t first = 0;
	merge.streams = calloc(merge.count, sizeof(*merge.streams));
	merge.heap = calloc(merge.count, sizeof(struct stream *));
	check(merge.streams && merge.heap, "get memory");
	const bt_component_sink *sink = add_sink(graph);
	for (size_t i = 0; i < folders->count; i++) {
		connect_streams(graph, folders->of[i].from, sources[i], sink, first);
		first += bt_component_source_get_output_port_count(sources[i]);
	}
	check(bt_graph_run(graph) == BT_GRAPH_RUN_STATUS_OK, "read");
	for (size_t i = 0; i < merge.count && !merge.aborted; i++)
		bt_message_iterator_put_ref(merge.streams[i].iterator);
	free(merge.streams);
	free(merge.heap);
}

bool graph_read(const struct gathered *folders, const struct graph_events *to)
{
	char reason[256];
	bt_graph *graph = bt_graph_create(0);
	const bt_component_source **sources = calloc(folders->count + 1, sizeof(*sources));
	check(graph && sources, "get memory");
	merge.to = to;
	merge.count = merge.waiting = 0;
	merge.aborted = false;
	for (size_t i = 0; i < folders->count; i++) {
		sources[i] = opened(graph, folders->of[i].path, i, reason, sizeof(reason));
		if (!sources[i]) {
			free(sources);
			return false;
		}
		merge.count += bt_component_source_get_output_port_count(sources[i]);
	}
	if (merge.count)
		run(graph, folders, sources);
	free(sources);
	if (!merge.aborted)
		bt_graph_put_ref(graph);
	return true;
}

#endif
