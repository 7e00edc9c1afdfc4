/* The table of types and their fields: what the API and the command line know of them. */
#ifndef PROXY_TYPES_H
#define PROXY_TYPES_H

#include "toxics/toxic.h"

enum field_kind { FIELD_INT, FIELD_SHARE, FIELD_BOOL, FIELD_TEXT };

struct toxic_field {
	const char *name; /* "match.path": within the object match */
	enum field_kind kind;
	size_t offset;	     /* in struct toxic_attributes */
	double min, max;     /* of FIELD_INT */
	double preset;	     /* what it is if nobody says */
	const char *unit;    /* of FIELD_INT, NULL for a bare number */
	const char *choices; /* of FIELD_TEXT, separated by '|', the first preset; NULL: any text or none */
};

/* NULL with EXIT_USAGE and the nearest name. */
const struct toxic_type *toxic_type_find(const char *name, struct err *e);

void toxic_presets(const struct toxic_type *type, struct toxic_attributes *a);
void toxic_attributes_release(const struct toxic_type *type, struct toxic_attributes *a);
/* Reads the fields that are there; -1, EXIT_USAGE, perhaps after some. */
int toxic_attributes_read(const struct toxic_type *type, struct toxic_attributes *a,
			  const struct json *j, struct err *e);
struct json *toxic_attributes_json(const struct toxic_type *type, const struct toxic_attributes *a);

#endif
