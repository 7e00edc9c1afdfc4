# hlog: interval log of HdrHistogram, version 1.3: a histogram of the successes for each second, in microseconds
# reads: samples

# The place of a value in a histogram of three digits from 1 on: 2048 values by one, then 1024 for each doubling.
function place(us,    bucket) {
	for (bucket = 0; us >= 2048; bucket++)
		us = int(us / 2)
	return (bucket + 1) * 1024 + us - 1024
}
function sample(    s, at) {
	if (!ok)
		return
	s = int(t)
	if (first == "" || s < first)
		first = s
	if (s > last)
		last = s
	at = place(int(ms * 1000 + 0.5))
	if (!((s, at) in count))
		places[s] = places[s] " " at
	count[s, at]++
	if (ms > max[s])
		max[s] = ms + 0
}

function byte(b) { B[++bytes] = b }
function number(n, size,    i) { # big-endian
	for (i = size - 1; i >= 0; i--)
		byte(int(n / 256 ^ i) % 256)
}
function zigzag(n) { # LEB128
	n = n < 0 ? -2 * n - 1 : 2 * n
	while (n >= 128) {
		byte(n % 128 + 128)
		n = int(n / 128)
	}
	byte(n)
}

# The counts of a second up to the last one; a run of zeros as its length, negative.
function counts_of(s,    n, P, i, k, v, next_place) {
	n = split(places[s], P, " ")
	for (i = 2; i <= n; i++) {
		v = P[i] + 0
		for (k = i; k > 1 && P[k - 1] + 0 > v; k--)
			P[k] = P[k - 1]
		P[k] = v
	}
	next_place = 0
	for (i = 1; i <= n; i++) {
		if (P[i] + 0 > next_place)
			zigzag(next_place - P[i])
		zigzag(count[s, P[i] + 0])
		next_place = P[i] + 1
	}
}

# The histogram in the encoding V2, inside zlib whose blocks are stored: what reads it need not care.
function encode(s,    i, n, payload, a, b, size, D, at) {
	bytes = 0
	counts_of(s)
	payload = bytes
	for (i = 1; i <= payload; i++)
		D[40 + i] = B[i]
	bytes = 0
	number(478450451, 4) # 0x1c849313
	number(payload, 4)
	number(0, 4)
	number(3, 4)
	number(1, 8)
	number(3600000000, 8)
	number(16368, 2) # 1.0 as a double
	number(0, 6)
	for (i = 1; i <= 40; i++)
		D[i] = B[i]
	n = payload + 40
	bytes = 0
	number(478450452, 4) # 0x1c849314
	number(2 + 5 * int((n + 65534) / 65535) + n + 4, 4)
	number(30721, 2)
	a = 1
	b = 0
	for (at = 0; at < n; at += size) {
		size = n - at > 65535 ? 65535 : n - at
		byte(at + size == n)
		byte(size % 256); byte(int(size / 256))
		byte(255 - size % 256); byte(255 - int(size / 256))
		for (i = 1; i <= size; i++) {
			byte(D[at + i])
			a = (a + D[at + i]) % 65521
			b = (b + a) % 65521
		}
	}
	number(b, 2)
	number(a, 2)
	return base64()
}

function base64(    i, n, text) {
	text = ""
	B[bytes + 1] = B[bytes + 2] = 0
	for (i = 1; i <= bytes; i += 3) {
		n = B[i] * 65536 + B[i + 1] * 256 + B[i + 2]
		text = text substr(digits64, int(n / 262144) + 1, 1) substr(digits64, int(n / 4096) % 64 + 1, 1) \
			(i + 1 > bytes ? "=" : substr(digits64, int(n / 64) % 64 + 1, 1)) (i + 2 > bytes ? "=" : substr(digits64, n % 64 + 1, 1))
	}
	return text
}

END {
	if (fatal)
		exit fatal
	digits64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	print "#[Histogram log format version 1.3]"
	if (first == "")
		exit failed
	printf "#[StartTime: %d.000 (seconds since epoch)]\n#[BaseTime: %d.000 (seconds since epoch)]\n", first, first
	print "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\""
	for (s = first; s <= last; s++)
		printf "%d.000,1.000,%.3f,%s\n", s - first, max[s] + 0, encode(s)
	exit failed
}
