#!/usr/bin/env python3
"""schemacheck.py SCHEMA FILE...: validates YAML or JSON files with python3-jsonschema; a line for each that is wrong."""
import json
import sys

import jsonschema
import yaml

with open(sys.argv[1], encoding="utf-8") as f:
    schema = json.load(f)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
wrong = 0
for name in sys.argv[2:]:
    with open(name, encoding="utf-8") as f:
        value = json.loads(json.dumps(yaml.safe_load(f)))
    error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    if error:
        wrong = 1
        print(f"{name}: {error.json_path}: {error.message}")
sys.exit(wrong)
