#include "judge/analysis/audit.h"

#include "base/buf.h"
#include "stream/json.h"

#include <string.h>

bool audit_in_doubt(const struct run_data *r)
{
	return strcmp(json_text(r->audit, "verdict"), "undecidable") == 0;
}

struct expr_value audit_lost_writes(const struct run_data *r)
{
	return r->audit && !audit_in_doubt(r) ? expr_exactly((double)json_int(json_get(r->audit, "lost"), 0))
					      : expr_unknown();
}

const char *audit_why_unknown(const struct run_data *r)
{
	return r->audit ? json_str(json_at(json_get(r->audit, "reasons"), 0), "the audit could not decide")
			: "no audit looked for lost writes";
}

struct json *audit_json(const struct run_data *r)
{
	static const char *const keys[] = {"acknowledged", "lost",     "phantom", "recovered",
					   "in_doubt",	   "unreplicated", "verdict"};
	struct json *j = r->audit ? json_object_new() : NULL;
	for (size_t i = 0; j && i < ARRAY_LEN(keys); i++)
		json_set(j, keys[i], json_clone(json_get(r->audit, keys[i])));
	return j;
}
