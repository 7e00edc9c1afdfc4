# Marker rows, as chaos-formats(5) has them, for lines "COUNT FROM TO": rows that never came, with UNIX times.
# header: that of the other rows.
BEGIN { columns = split(header, column, ",") }
{
	value["timestamp"] = sprintf("%.6f", $2)
	value["status_code"] = value["latency_ms"] = value["service_ms"] = value["bytes"] = 0
	value["error"] = "local"
	value["op"] = "output"
	value["detail"] = sprintf("count=%d from=%.6f to=%.6f", $1, $2, $3)
	for (i = 1; i <= columns; i++) printf "%s%s", value[column[i]], i < columns ? "," : "\n"
}
