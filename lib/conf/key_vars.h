/* Environment variables with API keys of model providers: read by chaos-llm, removed from the
 * environment of other child processes. */
#ifndef CONF_KEY_VARS_H
#define CONF_KEY_VARS_H

#define KEY_VAR_GROQ	   "GROQ_API_KEY"
#define KEY_VAR_OPENAI	   "OPENAI_API_KEY"
#define KEY_VAR_VLLM	   "VLLM_API_KEY"
#define KEY_VAR_OPENROUTER "OPENROUTER_API_KEY"

/* All of them; NULL at the end. */
extern const char *const key_vars[];

#endif
