#include "base/buf.h"
#include "base/units.h"
#include "conf/config.h"
#include "run/run.h"
#include "sys/file.h"

#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The file that users of today have, word for word. */
static const char users_file[] =
	"# Target services\n"
	"http_nodes:\n"
	"  - http://localhost:8001\n"
	"  - http://localhost:8002\n"
	"  - http://localhost:8003\n"
	"redis_nodes:\n"
	"  - redis://localhost:6379\n"
	"  - redis://localhost:6380\n"
	"\n"
	"# Failure detection tuning\n"
	"anomaly_detection:\n"
	"  throughput_drop_threshold: 0.5   # fractional drop compared to the baseline: 50%\n"
	"  error_rate_threshold: 0.1        # 10%\n"
	"  warmup_ignore_sec: 5             # ignore early noise\n"
	"\n"
	"# LLM settings\n"
	"llm:\n"
	"  provider: groq\n"
	"  model: llama-3.3-70b-versatile\n"
	"  temperature: 0.2\n"
	"  max_words: 300\n"
	"  enabled: true\n";

static int setup(void **state)
{
	char dir[] = "/tmp/chaos-unit-XXXXXX";
	*state = mem_strdup(mkdtemp(dir));
	return chdir(*state);
}

static int teardown(void **state)
{
	struct err e;
	int rc = chdir("/") || remove_tree(*state, &e);
	free(*state);
	return rc;
}

static int load(struct config *c, const char *text, struct err *e)
{
	config_init(c);
	if (file_replace("config.yaml", text, strlen(text), 0644, e))
		return -1;
	return config_load(c, "config.yaml", e);
}

static void loads(struct config *c, const char *text)
{
	struct err e;
	if (load(c, text, &e))
		fail_msg("%s", e.msg);
}

static void refused(const char *text, const char *message)
{
	struct config c;
	struct err e = {0};
	if (load(&c, text, &e) == 0)
		fail_msg("accepted: %s", text);
	assert_says(e.msg, message);
	assert_int_equal(e.code, EXIT_USAGE);
	config_release(&c);
}

static void command_is(const struct node_conf *n, const char *want)
{
	struct buf b = BUF_INIT;
	for (size_t i = 0; n->argv && n->argv[i]; i++)
		buf_addf(&b, "%s%s", i ? "|" : "", n->argv[i]);
	assert_string_equal(b.data, want);
	buf_release(&b);
}

/* --- the user's file --------------------------------------------------------------- */

static void the_users_file(void **state)
{
	struct config c;
	loads(&c, users_file);
	assert_int_equal(c.node_count, 5);
	static const char *const names[] = {"service-node-1", "service-node-2", "service-node-3",
					    "redis-node-1", "redis-node-2"};
	for (size_t i = 0; i < c.node_count; i++) {
		assert_string_equal(c.nodes[i].name, names[i]);
		assert_int_equal(c.nodes[i].kind, NODE_PROCESS);
		assert_int_equal(c.nodes[i].ready_within_ns, 20 * NS_PER_S);
	}
	const struct node_conf *n = config_node(&c, "service-node-2");
	assert_string_equal(n->url, "http://localhost:8002");
	assert_int_equal(n->mode, MODE_HTTP);
	assert_int_equal(n->ready, READY_HTTP_GET);
	assert_string_equal(n->ready_path, "/health");
	assert_int_equal(n->line, 4);
	assert_int_equal(n->column, 5);
	command_is(n, "chaos-node|--port|8002|--name|service-node-2");
	command_is(config_nth(&c, MODE_REDIS, 0),
		   "redis-server|--port|6379|--bind|127.0.0.1|--save||--appendonly|no|"
		   "--repl-diskless-sync-delay|0");
	n = config_nth(&c, MODE_REDIS, 1);
	command_is(n, "redis-server|--port|6380|--bind|127.0.0.1|--save||--appendonly|no|"
		      "--repl-diskless-sync-delay|0|--replicaof|127.0.0.1 6379");
	assert_int_equal(n->ready, READY_REDIS_REPLICA);
	assert_null(config_nth(&c, MODE_REDIS, 2));
	assert_true(fabs(c.throughput_drop_threshold - 0.5) < 1e-12);
	assert_true(fabs(c.error_rate_threshold - 0.1) < 1e-12);
	assert_true(fabs(c.warmup_ignore_s - 5) < 1e-12);
	assert_string_equal(c.llm.provider, "groq");
	assert_string_equal(c.llm.model, "llama-3.3-70b-versatile");
	assert_true(fabs(c.llm.temperature - 0.2) < 1e-12);
	assert_int_equal(c.llm.max_words, 300);
	assert_true(c.llm.enabled);
	assert_string_equal(c.dir, *state);
	assert_contains(c.path, "/config.yaml");
	config_release(&c);
	config_release(&c);
}

static void all_nodes_are_those_of_the_list(void **state)
{
	(void)state;
	struct config c;
	loads(&c, "redis_nodes: [redis://db.example]\n"
		  "nodes:\n"
		  "  sentinel: {url: 'redis://db.example:26379'}\n"
		  "  db: {url: 'redis://db.example'}\n"
		  "  web: {url: 'http://web.example'}\n");
	assert_false(config_in_all(&c, config_node(&c, "sentinel")));
	assert_true(config_in_all(&c, config_node(&c, "db")));
	assert_true(config_in_all(&c, config_node(&c, "web")));
	config_release(&c);
}

static void every_key_can_be_tuned(void **state)
{
	(void)state;
	struct config c;
	loads(&c, "anomaly_detection: {throughput_drop_threshold: 0.3, error_rate_threshold: 0,\n"
		  "  warmup_ignore_sec: 1.5, latency_factor: 3, latency_min_ms: 0.5}\n"
		  "load: {timeout: 250ms, connections: 8, pace_slack: 20ms}\n"
		  "llm: {provider: local, model: m, base_url: 'http://127.0.0.1:1', api_key_file: k,\n"
		  "  temperature: 1, max_words: 20, enabled: no, timeout: 5,\n"
		  "  fallback_models: [a, b]}\n");
	assert_true(fabs(c.throughput_drop_threshold - 0.3) < 1e-12);
	assert_true(fabs(c.error_rate_threshold) < 1e-12);
	assert_true(fabs(c.warmup_ignore_s - 1.5) < 1e-12);
	assert_true(fabs(c.latency_factor - 3) < 1e-12 && fabs(c.latency_min_ms - 0.5) < 1e-12);
	assert_int_equal(c.load_timeout_ns, 250 * NS_PER_MS);
	assert_int_equal(c.loads.defaults.word_count, 3);
	assert_string_equal(c.loads.defaults.words[1].option, "--connections=8");
	assert_string_equal(c.loads.defaults.words[2].option, "--pace-slack=20ms");
	assert_string_equal(c.llm.provider, "local");
	assert_string_equal(c.llm.base_url, "http://127.0.0.1:1");
	assert_string_equal(c.llm.api_key_file, "k");
	assert_false(c.llm.enabled);
	assert_int_equal(c.llm.timeout_ns, 5 * NS_PER_S);
	assert_string_equal(c.llm.fallback_models[1], "b");
	assert_null(c.llm.fallback_models[2]);
	config_release(&c);
	loads(&c, "llm: {fallback_models: []}\nload:\nanomaly_detection: ~\nhttp_nodes:\n");
	assert_null(c.llm.fallback_models[0]);
	assert_int_equal(c.node_count, 0);
	config_release(&c);
}

/* --- names and joins ------------------------------------------------------------------ */

static void service_names(void **state)
{
	(void)state;
	struct config c;
	loads(&c, "http_nodes: [http://localhost:1, http://localhost:2, http://localhost:3]\n"
		  "http_services: [web-a, web_b]\n"
		  "redis_nodes: [redis://localhost:6379]\n"
		  "redis_services: [cache.main]\n");
	assert_string_equal(config_nth(&c, MODE_HTTP, 0)->name, "web-a");
	assert_string_equal(config_nth(&c, MODE_HTTP, 1)->name, "web_b");
	assert_string_equal(config_nth(&c, MODE_HTTP, 2)->name, "service-node-3");
	assert_string_equal(config_nth(&c, MODE_REDIS, 0)->name, "cache.main");
	command_is(config_nth(&c, MODE_HTTP, 0), "chaos-node|--port|1|--name|web-a");
	config_release(&c);
}

static void demo_nodes_listen_where_their_urls_say(void **state)
{
	(void)state;
	struct config c;
	loads(&c, "http_nodes: ['http://[::1]:1', 'http://a.localhost:2', 'http://127.1:3']\n"
		  "redis_nodes: ['redis://[::1]:6379', redis://localhost.:6380]\n");
	command_is(config_nth(&c, MODE_HTTP, 0),
		   "chaos-node|--port|1|--name|service-node-1|--bind|::1");
	command_is(config_nth(&c, MODE_HTTP, 1), "chaos-node|--port|2|--name|service-node-2");
	command_is(config_nth(&c, MODE_HTTP, 2), "chaos-node|--port|3|--name|service-node-3");
	command_is(config_nth(&c, MODE_REDIS, 0),
		   "redis-server|--port|6379|--bind|::1|--save||--appendonly|no|"
		   "--repl-diskless-sync-delay|0");
	command_is(config_nth(&c, MODE_REDIS, 1),
		   "redis-server|--port|6380|--bind|127.0.0.1|--save||--appendonly|no|"
		   "--repl-diskless-sync-delay|0|--replicaof|::1 6379");
	config_release(&c);
}

static void the_table_joins_by_url_in_the_lists_order(void **state)
{
	(void)state;
	struct config c;
	loads(&c, "nodes:\n"
		  "  extra: {url: 'http://127.0.0.1:9999', process: [true]}\n"
		  "  second: {url: 'http://127.0.0.1:8002', process: [bin/x, --y, \"2\"], ready: tcp}\n"
		  "  first: {url: 'http://[::1]:8001', process: [z], ready: GET /up?x=1,\n"
		  "          ready_within: 500ms}\n"
		  "  cache: {url: 'redis://127.0.0.1:6379'}\n"
		  "http_nodes:\n"
		  "  - http://localhost:8001\n"
		  "  - http://LOCALHOST:8002/work\n"
		  "  - http://localhost:8003\n"
		  "redis_nodes: [redis://localhost:6379]\n");
	static const char *const order[] = {"first", "second", "service-node-3", "cache", "extra"};
	assert_int_equal(c.node_count, ARRAY_LEN(order));
	for (size_t i = 0; i < c.node_count; i++)
		assert_string_equal(c.nodes[i].name, order[i]);
	command_is(config_node(&c, "second"), "bin/x|--y|2");
	assert_int_equal(config_node(&c, "second")->ready, READY_TCP);
	assert_string_equal(config_node(&c, "first")->ready_path, "/up?x=1");
	assert_int_equal(config_node(&c, "first")->ready_within_ns, 500 * NS_PER_MS);
	/* With a table, a URL that it does not name takes load but no faults. */
	assert_int_equal(config_node(&c, "service-node-3")->kind, NODE_REMOTE);
	assert_null(config_node(&c, "service-node-3")->argv);
	assert_int_equal(config_node(&c, "cache")->kind, NODE_REMOTE);
	assert_string_equal(config_node_at(&c, "http://127.0.0.1:8001")->name, "first");
	assert_string_equal(config_node_at(&c, "http://localhost:8002/x")->name, "second");
	assert_null(config_node_at(&c, "http://localhost:1"));
	assert_null(config_node_at(&c, "nonsense"));
	assert_string_equal(config_nth(&c, MODE_HTTP, 3)->name, "extra");
	config_release(&c);
}

static void urls_elsewhere_are_not_ours_to_start(void **state)
{
	(void)state;
	struct config c;
	loads(&c, "http_nodes: [http://10.1.2.3:80, http://localhost:8001, http://127.evil.example]\n"
		  "redis_nodes: [redis://db.example, redis://localhost:6380, redis://127.0.0.2]\n");
	static const enum node_kind kinds[] = {NODE_REMOTE, NODE_PROCESS, NODE_REMOTE,
					       NODE_REMOTE, NODE_PROCESS, NODE_PROCESS};
	for (size_t i = 0; i < c.node_count; i++)
		assert_int_equal(c.nodes[i].kind, kinds[i]);
	/* A replica follows the first of its list wherever that is. */
	command_is(&c.nodes[4], "redis-server|--port|6380|--bind|127.0.0.1|--save||--appendonly|no|"
				"--repl-diskless-sync-delay|0|--replicaof|db.example 6379");
	command_is(&c.nodes[5], "redis-server|--port|6379|--bind|127.0.0.2|--save||--appendonly|no|"
				"--repl-diskless-sync-delay|0|--replicaof|db.example 6379");
	config_release(&c);
}

static void containers(void **state)
{
	struct config c;
	(void)state;
	loads(&c, "nodes:\n"
		  "  a: {url: 'http://localhost', container: web-1, signal: sigint}\n"
		  "  b: {url: 'redis://10.0.0.1', compose: cache, project: p, engine: 'unix:///e'}\n");
	assert_int_equal(c.nodes[0].kind, NODE_CONTAINER);
	assert_string_equal(c.nodes[0].container, "web-1");
	assert_string_equal(c.nodes[0].signal, "INT");
	assert_null(c.nodes[0].compose);
	assert_false(c.nodes[0].ready_given);
	assert_int_equal(c.nodes[1].kind, NODE_CONTAINER);
	assert_string_equal(c.nodes[1].compose, "cache");
	assert_string_equal(c.nodes[1].project, "p");
	assert_string_equal(c.nodes[1].engine, "unix:///e");
	config_release(&c);
}

static void names_that_are_not_there(void **state)
{
	(void)state;
	struct config c;
	struct err e;
	loads(&c, users_file);
	assert_non_null(config_need_node(&c, "service-node-1", &e));
	assert_null(config_need_node(&c, "servce-node-1", &e));
	assert_says(e.msg, "|node|'servce-node-1'|'service-node-1'?");
	assert_int_equal(e.code, EXIT_USAGE);
	assert_null(config_need_node(&c, "zebra", &e));
	assert_contains(e.msg, "unknown node 'zebra'");
	config_release(&c);
	config_init(&c);
	assert_null(config_need_node(&c, "zebra", &e));
	assert_says(e.msg, "|node|'zebra'|none");
	config_release(&c);
	enum conf_mode m;
	assert_int_equal(conf_mode_parse("redis", &m, &e), 0);
	assert_int_equal(m, MODE_REDIS);
	assert_int_equal(conf_mode_parse("htp", &m, &e), -1);
	assert_says(e.msg, "|mode|'htp'|http|redis");
}

/* --- errors point at their place ----------------------------------------------------------- */

static void errors_point(void **state)
{
	(void)state;
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"htp_nodes: []\n", "config.yaml:1:1:|'htp_nodes'|'http_nodes'?"},
		{"- x\n", "config.yaml:1:1:|table|'key: value'"},
		{"http_nodes: http://h\n", "config.yaml:1:13:|list|URLs"},
		{"http_nodes:\n  - localhost:8001\n",
		 "config.yaml:2:5:|'localhost:8001'|URL|http://"},
		{"http_nodes:\n  - [x]\n", "config.yaml:2:5:|URL"},
		{"http_nodes:\n  - redis://h\n", "config.yaml:2:5:|'redis://h'|http"},
		{"redis_nodes:\n  - http://h\n", "config.yaml:2:5:|'http://h'|redis"},
		{"http_nodes:\n  - http://localhost:1\n  - http://127.0.0.1:1\n",
		 "config.yaml:3:5:|'service-node-1'|'service-node-2'|'http://127.0.0.1:1'"},
		{"http_nodes: [http://a, http://b]\nhttp_services: [x, x]\n",
		 "config.yaml:1:24:|nodes|'x'"},
		{"http_nodes: [http://a]\nhttp_services:\n  - x\n  - y\n",
		 "config.yaml:4:5:|service names|URLs|'http_nodes'"},
		{"http_services: [x]\n",
		 "config.yaml:1:17:|service names|URLs|'http_nodes'"},
		{"http_nodes: [http://a]\nhttp_services: x\n",
		 "config.yaml:2:16:|service|names"},
		{"http_nodes: [http://a]\nhttp_services: [[x]]\n",
		 "config.yaml:2:17:|name|service"},
		{"http_nodes: [http://a]\nhttp_services: [a/b]\n",
		 "config.yaml:2:17:|'a/b'|node name|1 to 64|A-Z a-z 0-9 . _ -"},
		{"nodes:\n  web: {url: 'http://localhost:1'}\nhttp_nodes: [http://localhost:1]\n"
		 "http_services: [other]\n",
		 "config.yaml:4:17:|'other'|'web'|'nodes'"},
		{"nodes: [x]\n", "config.yaml:1:8:|'nodes'|'name: {url: …, process: […]}'"},
		{"nodes:\n  a: {}\n", "config.yaml:2:6:|'a'|'url'"},
		{"nodes:\n  a: x\n", "config.yaml:2:6:|table|'key: value'"},
		{"nodes:\n  a: {url: 'http://h', porcess: [x]}\n",
		 "config.yaml:2:24:|'porcess'|'process'?"},
		{"nodes:\n  a: {url: 'http://h:99999'}\n",
		 "config.yaml:2:12:|'http://h:99999'|port|1 to 65535"},
		{"nodes:\n  ..: {url: 'http://h'}\n",
		 "config.yaml:2:3:|'..'|node name|1 to 64|A-Z a-z 0-9 . _ -"},
		{"nodes:\n  all_nodes: {url: 'http://h'}\n",
		 "config.yaml:2:3:|'all_nodes'|node"},
		{"nodes:\n  a: {url: 'http://h'}\n  b: {url: 'http://i'}\n  a: {url: 'http://j'}\n",
		 "config.yaml:4:3:|nodes|'a'"},
		{"nodes:\n  a: {url: 'http://h'}\n  b: {url: 'http://h:80/'}\n",
		 "config.yaml:3:3:|'a'|'b'|'http://h:80/'"},
		{"nodes:\n  a: {url: 'http://10.0.0.1', process: [x]}\n",
		 "config.yaml:2:12:|'a'|'10.0.0.1'|'host'"},
		{"nodes:\n  a: {url: 'unix:///run/r.sock', process: [x]}\n",
		 "config.yaml:2:12:|process|'a'|port|redis://"},
		{"nodes:\n  a: {url: 'http://localhost', process: []}\n",
		 "config.yaml:2:41:|'process'|arguments"},
		{"nodes:\n  a: {url: 'http://localhost', process: [x], container: y}\n",
		 "config.yaml:2:41:|'a'|container"},
		{"nodes:\n  a: {url: 'http://localhost', container: x, compose: y}\n",
		 "config.yaml:2:55:|'a'|'container'|'compose'"},
		{"nodes:\n  a: {url: 'http://localhost', container: x, project: y}\n",
		 "config.yaml:2:55:|'project'|'compose'"},
		{"nodes:\n  a: {url: 'http://localhost', engine: 'unix:///x'}\n",
		 "config.yaml:2:40:|'engine'|'container'|'compose'"},
		{"nodes:\n  a: {url: 'http://localhost', container: ''}\n",
		 "config.yaml:2:43:|name"},
		{"nodes:\n  a: {url: 'http://localhost', container: x, signal: TREM}\n",
		 "config.yaml:2:54:|'TREM'|'TERM'?"},
		{"nodes:\n  a: {url: 'http://localhost', process: run}\n",
		 "config.yaml:2:41:|list|words"},
		{"nodes:\n  a: {url: 'http://localhost', process: [x, [y]]}\n",
		 "config.yaml:2:45:|word"},
		{"nodes:\n  a: {url: 'http://localhost', ready: ping}\n",
		 "config.yaml:2:39:|'ping'|readiness|HTTP|GET /path, tcp"},
		{"nodes:\n  a: {url: 'redis://localhost', ready: GET /}\n",
		 "config.yaml:2:40:|'GET /'|readiness|Redis|ping, replica, tcp"},
		{"anomaly_detection:\n  error_rate_threshold: 10%\n",
		 "config.yaml:2:25:|'10%'|number|0 to 1"},
		{"anomaly_detection:\n  throughput_drop_threshold: 1.5\n",
		 "config.yaml:2:30:|'1.5'|number|0 to 1"},
		{"anomaly_detection:\n  warmup_ignore_sec: -1\n",
		 "config.yaml:2:22:|'-1'|time span|20, 20s, 150ms, 1m30s"},
		{"load: {timeout: 0}\n", "config.yaml:1:17:|0|1ms to 24h"},
		{"load: {timeout: [1, 2]}\n", "config.yaml:1:17:|'timeout'|text"},
		{"loads: {x: {http2: [true]}}\n", "config.yaml:1:20:|'http2'|text"},
		{"loads: {x: {requests: [{path: /, body: ~}]}}\n", "config.yaml:1:34:|'body'|value"},
		{"loads: {x: {requests: [{path: /, headers: {X: }}]}}\n", "config.yaml:1:44:|'X'|value"},
		{"load: {timeout: }\n", "config.yaml:1:8:|'timeout'|value"},
		{"loads: {x: {target: ~}}\n", "config.yaml:1:13:|'target'|value"},
		{"load: {rps: 5}\n", "config.yaml:1:8:|'rps'|scenario"},
		{"loads: {-x: {}}\n", "config.yaml:1:9:|'-x'|load|1 to 64|A-Z a-z 0-9 . _ -"},
		{"loads: {x: {target: []}}\n", "config.yaml:1:21:|targets|empty"},
		{"loads: {x: {target: [a, a]}}\n", "config.yaml:1:25:|target|'a'"},
		{"loads: {x: {key: {a: b}}}\n",
		 "config.yaml:1:18:|'key'|text"},
		{"loads: {x: {help: true}}\n",
		 "config.yaml:1:13:|'help'|scenario"},
		{"loads: {x: {requests: 5}}\n", "config.yaml:1:23:|list|tables"},
		{"loads: {x: {requests: [{path: /}], commands: []}}\n",
		 "config.yaml:1:36:|'requests'|'commands'"},
		{"llm: {temperature: hot}\n", "config.yaml:1:20:|'hot'|number|0 to 2"},
		{"llm: {fallback_models: x}\n", "config.yaml:1:24:|list|words"},
		{"llm:\n  model: a\n  model: b\n",
		 "config.yaml:3:3:|'model'|line 2"},
		{"", "config.yaml:1:1:|file|empty"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		refused(cases[i].text, cases[i].message);
}

/* Each node was compared with each: 40 s for 20000. The lists have the table's nodes in reverse. */
static void thousands_of_nodes(void **state)
{
	enum { NODES = 5000 };
	struct config c;
	struct err e;
	struct buf text = BUF_INIT;
	(void)state;
	buf_addstr(&text, "nodes:\n");
	for (int i = 0; i < NODES; i++)
		buf_addf(&text, "  n%d: {url: 'http://127.0.0.1:%d'}\n", i, 1024 + i);
	size_t table = text.len;
	buf_addstr(&text, "http_nodes:\n");
	for (int i = NODES; i-- > 1;)
		buf_addf(&text, "  - http://localhost:%d/\n", 1024 + i);
	loads(&c, text.data);
	assert_int_equal(c.node_count, NODES);
	assert_string_equal(c.nodes[0].name, "n4999");
	assert_string_equal(c.nodes[NODES - 1].name, "n0");
	config_release(&c);
	text.data[text.len = table] = '\0';
	buf_addstr(&text, "  b: {url: 'http://localhost:1025/x'}\n");
	assert_int_equal(load(&c, text.data, &e), -1);
	assert_says(e.msg, "config.yaml:5002:3:|'n1'|'b'|'http://localhost:1025/x'");
	config_release(&c);
	buf_release(&text);
}

static void loads_are_options_and_requests(void **state)
{
	struct config c;
	(void)state;
	loads(&c, "loads:\n"
		  "  shop:\n"
		  "    target: [all_nodes, 'http://b/']\n"
		  "    keep_alive: no\n"
		  "    audit: true\n"
		  "    header: ['A: 1', 'B: 2']\n"
		  "    profile: 1s@5\n"
		  "    body: true\n"
		  "    requests:\n"
		  "      - {path: /, weight: 8, headers: {X: 1}}\n"
		  "      - {method: POST, path: /c, body: '1', expect: 200-299}\n");
	const struct load_conf *l = &c.loads.all[0];
	assert_int_equal(c.loads.count, 1);
	assert_string_equal(l->name, "shop");
	assert_string_equal(l->targets[1].text, "http://b/");
	assert_int_equal(l->word_count, 5);
	assert_string_equal(l->words[0].option, "--no-keep-alive");
	assert_string_equal(l->words[1].option, "--audit");
	assert_string_equal(l->words[3].option, "--header=B: 2");
	assert_string_equal(l->words[4].option, "--body=true");
	assert_string_equal(l->profile.text, "1s@5");
	assert_string_equal(l->requests, "{\"path\":\"/\",\"weight\":8.0,\"headers\":{\"X\":\"1\"}}\n"
					 "{\"method\":\"POST\",\"path\":\"/c\",\"body\":\"1\",\"expect\":\"200-299\"}\n");
	assert_int_equal(l->request_at[1].line, 11);
	config_release(&c);
}

static void which_file_is_read(void **state)
{
	struct config c;
	struct err e;
	config_init(&c);
	assert_int_equal(config_open(&c, NULL, &e), 0); /* none there: the defaults */
	assert_null(c.path);
	assert_string_equal(c.dir, *state);
	config_release(&c);
	config_init(&c);
	assert_int_equal(config_open(&c, "missing.yaml", &e), -1);
	assert_int_equal(e.code, EXIT_USAGE);
	assert_says(e.msg, "|'missing.yaml'|No such file or directory");
	config_release(&c);
	config_init(&c);
	assert_int_equal(config_open(&c, "/", &e), -1);
	assert_int_equal(e.code, EXIT_USAGE);
	config_release(&c);
	loads(&c, users_file);
	config_release(&c);
	config_init(&c);
	assert_int_equal(config_open(&c, NULL, &e), 0); /* ./config.yaml */
	assert_int_equal(c.node_count, 5);
	config_release(&c);
}

/* --- runs ------------------------------------------------------------------------------------ */

static void run_ids(void **state)
{
	(void)state;
	static const char *const good[] = {"run1", "a", "A.b_c-9", "...", "latest2",
					   "1234567890123456789012345678901234567890123456789012345678901234"};
	static const char *const bad[] = {"", ".", "..", "a/b", "../x", "a b", "\xc3\xa4", "a\n",
					  "12345678901234567890123456789012345678901234567890123456789012345"};
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_int_equal(run_id_check(good[i], &e) | run_id_check_read(good[i], &e), 0);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(run_id_check(bad[i], &e), -1);
		assert_int_equal(run_id_check_read(bad[i], &e), -1);
		assert_int_equal(e.code, EXIT_USAGE);
		assert_contains(e.msg, "is not a run id");
	}
	assert_int_equal(run_id_check("latest", &e), -1);
	assert_int_equal(run_id_check_read("latest", &e), 0);
	char *path = run_path("runs", "r1", "samples.csv"), *dir = run_path("runs", "r1", NULL);
	assert_string_equal(path, "runs/r1/samples.csv");
	assert_string_equal(dir, "runs/r1");
	free(path);
	free(dir);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest config[] = {
		TEST(the_users_file),
		TEST(every_key_can_be_tuned),
		TEST(all_nodes_are_those_of_the_list),
		TEST(service_names),
		TEST(demo_nodes_listen_where_their_urls_say),
		TEST(the_table_joins_by_url_in_the_lists_order),
		TEST(urls_elsewhere_are_not_ours_to_start),
		TEST(containers),
		TEST(names_that_are_not_there),
		TEST(errors_point),
		TEST(thousands_of_nodes),
		TEST(loads_are_options_and_requests),
		TEST(which_file_is_read),
		TEST(run_ids),
	};
	return RUN_GROUP(config);
}
