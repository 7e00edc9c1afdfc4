#include "toxics/peers.h"

#include "base/buf.h"
#include "base/num.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { V4_BITS = 32, ALL_BITS = 128, MAPPED_BITS = 96, PEERS_MAX = 64 };

static void map(struct peer_address *a, const struct in_addr *v4)
{
	*a = (struct peer_address){.byte = {[10] = 0xff, [11] = 0xff}, .known = true};
	memcpy(a->byte + MAPPED_BITS / 8, v4, sizeof *v4);
}

static int read_net(struct peer_net *n, char *word, struct err *e)
{
	struct in_addr v4;
	char *slash = strchr(word, '/');
	int64_t bits = 0;
	if (slash)
		*slash++ = '\0';
	bool is_v4 = inet_pton(AF_INET, word, &v4) == 1;
	int64_t most = is_v4 ? V4_BITS : ALL_BITS;
	if (is_v4)
		map(&n->at, &v4);
	else if (inet_pton(AF_INET6, word, n->at.byte) != 1)
		return err_usage(e, "from: '%s' is not an IP address", word);
	if (slash && num_i64(slash, 0, most, &bits))
		return err_usage(e, "from: '%s/%s' has no prefix length from 0 to %d", word, slash, (int)most);
	n->bits = (unsigned)(ALL_BITS - most + (slash ? bits : most));
	return 0;
}

int peers_read(struct peers *p, const char *text, struct err *e)
{
	char *copy = mem_strdup(text), *save = NULL;
	size_t alloc = 0;
	int rc = 0;
	*p = (struct peers){0};
	for (char *word = strtok_r(copy, ", ", &save); word && !rc; word = strtok_r(NULL, ", ", &save)) {
		p->nets = mem_grow(p->nets, &alloc, p->count, sizeof *p->nets);
		p->nets[p->count] = (struct peer_net){0};
		rc = p->count < PEERS_MAX ? read_net(&p->nets[p->count++], word, e)
					  : err_usage(e, "from has more than %d addresses", PEERS_MAX);
	}
	free(copy);
	if (!rc && !p->count)
		rc = err_usage(e, "from names no address");
	if (rc)
		peers_release(p);
	return rc;
}

void peers_release(struct peers *p)
{
	free(p->nets);
	*p = (struct peers){0};
}

bool peers_have(const struct peers *p, const struct peer_address *a)
{
	for (size_t i = 0; i < p->count && a->known; i++) {
		const struct peer_net *n = &p->nets[i];
		unsigned whole = n->bits / 8, rest = n->bits % 8;
		unsigned char mask = (unsigned char)(0xff00U >> rest);
		if (memcmp(n->at.byte, a->byte, whole) == 0 && (!rest || !((n->at.byte[whole] ^ a->byte[whole]) & mask)))
			return true;
	}
	return false;
}

struct peer_address peer_address_of(int fd)
{
	struct sockaddr_storage s;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)&s;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)&s;
	socklen_t len = sizeof s;
	struct peer_address a = {.known = getpeername(fd, (struct sockaddr *)&s, &len) == 0 &&
					  (s.ss_family == AF_INET || s.ss_family == AF_INET6)};
	if (a.known && s.ss_family == AF_INET)
		map(&a, &v4->sin_addr);
	else if (a.known)
		memcpy(a.byte, &v6->sin6_addr, sizeof a.byte);
	return a;
}
