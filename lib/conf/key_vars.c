#include "conf/key_vars.h"

#include <stddef.h>

const char *const key_vars[] = {KEY_VAR_GROQ, KEY_VAR_OPENAI, KEY_VAR_VLLM, KEY_VAR_OPENROUTER,
				NULL};
