// Drives every call of toxiproxy-node-client against a proxy API.
const assert = require("assert");
const net = require("net");
const { Toxiproxy } = require("toxiproxy-node-client");

const [, , api, upstream] = process.argv;
const first = (port) => new Promise((resolve, reject) => {
	const began = Date.now();
	const s = net.connect(port, "127.0.0.1", () => s.write("hello"));
	s.on("data", () => { s.destroy(); resolve(Date.now() - began); });
	s.on("error", reject);
	s.on("close", () => reject(new Error("closed")));
});
const refused = async (call) => {
	try { await call(); } catch (e) { return e.message; }
	throw new Error("was not refused");
};

(async () => {
	const t = new Toxiproxy(api);
	assert.match(await t.getVersion(), /2\./);
	await t.reset();
	const p = await t.createProxy({ name: "web", listen: "127.0.0.1:0", upstream });
	assert.equal(p.enabled, true);
	const port = Number(p.listen.split(":")[1]);
	assert.deepEqual(Object.keys(await t.getAll()).includes("web"), true);
	assert.equal((await t.get("web")).listen, p.listen);
	assert.match(await refused(() => t.get("none")), /404/);
	assert.match(await refused(() => t.createProxy({ name: "web", listen: "127.0.0.1:0", upstream })), /409/);
	await first(port);
	const types = {
		latency: { latency: 80, jitter: 0 }, bandwidth: { rate: 1000 }, slow_close: { delay: 5 },
		timeout: { timeout: 1000 }, reset_peer: { timeout: 1000 },
		slicer: { average_size: 10, size_variation: 2, delay: 1 }, limit_data: { bytes: 100000 },
	};
	for (const [type, attributes] of Object.entries(types)) {
		const toxic = await p.addToxic({ name: "x", type, stream: "upstream", toxicity: 1, attributes });
		assert.deepEqual([toxic.name, toxic.type, toxic.stream, toxic.toxicity], ["x", type, "upstream", 1]);
		for (const [k, v] of Object.entries(attributes)) assert.equal(toxic.attributes[k], v);
		assert.equal((await p.getToxic("x")).type, type);
		if (type === "latency") {
			assert.ok(await first(port) >= 80);
			const changed = await toxic.update({ attributes: { latency: 120, jitter: 0 } });
			assert.equal(changed.attributes.latency, 120);
			assert.ok(await first(port) >= 120);
			// What it was given back is taken again, whole.
			await changed.update(changed.toJson());
		}
		await toxic.remove();
		assert.match(await refused(() => p.getToxic("x")), /404/);
	}
	const down = await p.update({ ...p.toJson(), enabled: false });
	assert.equal(down.enabled, false);
	await assert.rejects(first(port));
	await t.reset();
	await first(port);
	const made = await t.populate([{ name: "a", listen: "127.0.0.1:0", upstream }, { name: "web", listen: p.listen, upstream }]);
	assert.deepEqual(Object.keys(made).sort(), ["a", "web"]);
	await made.a.remove();
	await p.remove();
	assert.match(await refused(() => t.get("web")), /404/);
	console.log("every call did what it says");
})().catch((e) => { console.error(e); process.exit(1); });
