// What the packages of npm that read these formats make of ours; each word that it prints is a figure to compare.
//	node formats.js FOLDER-OF-NODE_MODULES samples.csv out.hlog out.hgrm junit.xml github.txt
const fs = require('fs'), path = require('path')
const [, , js, samples, hlog, hgrm, junit, github] = process.argv
const need = name => require(path.join(path.resolve(js), 'node_modules', name))
const text = file => fs.readFileSync(file, 'utf8')

// The interval log holds the histogram of the latencies, to its three digits; the percentiles are the ones of the package.
const hdr = need('hdr-histogram-js')
const reader = new hdr.HistogramLogReader(text(hlog))
const read = hdr.build({ numberOfSignificantValueDigits: 3 }), own = hdr.build({ numberOfSignificantValueDigits: 3 })
let intervals = 0
for (let h; (h = reader.nextIntervalHistogram()); intervals++) read.add(h)
const [names, ...rows] = text(samples).trim().split('\n').map(l => l.split(','))
const column = name => names.indexOf(name)
for (const r of rows) if (r[column('error')] === '') own.recordValue(Math.round(r[column('latency_ms')] * 1000))
console.log('hlog', intervals, read.totalCount, ['50', '99', '100'].every(p =>
  read.getValueAtPercentile(+p) === own.getValueAtPercentile(+p)))
const lines = t => t.split('\n').map(l => l.trim().split(/ +/)).filter(f => f.length >= 3 && +f[0] > 0).map(f => f.slice(0, 3).map(Number))
const theirs = lines(own.outputPercentileDistribution(5, 1000)), ours = lines(text(hgrm))
console.log('hgrm', ours.length === theirs.length && ours.every((o, i) => o.every((v, k) => Math.abs(v - theirs[i][k]) <= 0.001)))

// Annotations: what GitHub's own library prints for the same words.
const core = need('@actions/core')
for (const line of text(github).trim().split('\n')) {
  const [, kind, title, data] = /^::(\w+) title=([^:]*)::(.*)$/.exec(line)
  const plain = s => s.replace(/%0A/g, '\n').replace(/%3A/g, ':').replace(/%2C/g, ',').replace(/%25/g, '%')
  let said = ''
  const write = process.stdout.write
  process.stdout.write = s => { said += s; return true }
  core[kind](plain(data), { title: plain(title) })
  process.stdout.write = write
  console.log('github', said.trim() === line)
}

need('junit2json').parse(text(junit)).then(j => console.log('junit', j.testsuite[0].tests, j.testsuite[0].testcase.length,
  j.testsuite[0].testcase.filter(c => c.failure).length))
