#include "base/redis_verb.h"

#include "base/buf.h"

#include <string.h>
#include <strings.h>

static bool is_one_of(const char *verb, const char *const *all, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(all[i], verb) == 0)
			return true;
	return false;
}

bool redis_verb_of_connection(const char *verb, const char *second)
{
	static const char *const verbs[] = {
		"MONITOR", "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE",
		"MULTI",   "EXEC",	"DISCARD",    "WATCH",	    "SELECT",	   "HELLO",	   "RESET",
		"QUIT",	   "AUTH",	"SYNC",	      "PSYNC"};
	return is_one_of(verb, verbs, ARRAY_LEN(verbs)) ||
	       (strcasecmp(verb, "CLIENT") == 0 && strcasecmp(second, "REPLY") == 0);
}

bool redis_verb_reads(const char *verb)
{
	static const char *const reads[] = {
		"GET",	    "MGET",   "GETRANGE",  "STRLEN",	  "EXISTS",    "TTL",	   "PTTL",
		"TYPE",	    "GETBIT", "BITCOUNT",  "HGET",	  "HMGET",     "HGETALL",  "HLEN",
		"HEXISTS",  "HKEYS",  "HVALS",	   "LLEN",	  "LRANGE",    "LINDEX",   "SCARD",
		"SMEMBERS", "SUNION", "SISMEMBER", "SRANDMEMBER", "SINTER",    "SDIFF",	   "ZCARD",
		"ZRANGE",   "ZSCORE", "ZRANK",	   "ZCOUNT",	  "ZREVRANGE", "ZREVRANK", "XLEN",
		"XRANGE",   "PING",   "ECHO",	   "TIME",	  "DBSIZE",    "INFO"};
	return is_one_of(verb, reads, ARRAY_LEN(reads));
}

int redis_op_reads(const char *op)
{
	char verb[24];
	size_t len = strcspn(op, " ");
	if (strncmp(op + len, " /", 2) == 0 || len >= sizeof verb)
		return -1;
	memcpy(verb, op, len);
	verb[len] = '\0';
	return redis_verb_reads(verb);
}

size_t redis_verb_key(const char *verb)
{
	static const char *const none[] = {"PING", "ECHO", "TIME", "INFO", "DBSIZE", "CONFIG", "CLIENT", "CLUSTER",
					   "COMMAND", "FLUSHALL", "FLUSHDB", "SCRIPT", "PUBLISH", "WAIT", "WAITAOF",
					   "ROLE", "RANDOMKEY", "SCAN", "KEYS", "SAVE", "BGSAVE", "LASTSAVE", "ACL",
					   "FUNCTION", "LATENCY", "SLOWLOG", "SWAPDB", "READONLY", "READWRITE"};
	static const char *const second[] = {"OBJECT", "MEMORY", "XINFO", "XGROUP", "BITOP", "DEBUG", "ZUNION",
					     "ZINTER", "ZDIFF", "SINTERCARD", "ZINTERCARD", "LMPOP", "ZMPOP"};
	static const char *const third[] = {"EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO",
					    "BLMPOP", "BZMPOP"};
	return is_one_of(verb, none, ARRAY_LEN(none))	    ? 0
	       : is_one_of(verb, second, ARRAY_LEN(second)) ? 2
	       : is_one_of(verb, third, ARRAY_LEN(third))   ? 3
							    : 1;
}
