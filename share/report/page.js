// What a pointer, or the arrow keys, over a picture tell. Without this the page is complete.
for (const svg of document.querySelectorAll('svg[data-windows]')) {
	const windows = JSON.parse(svg.dataset.windows), figure = svg.parentNode
	const left = +svg.dataset.left, right = +svg.dataset.right, to = +svg.dataset.to
	const tip = document.createElement('div'), line = document.createElementNS(svg.namespaceURI, 'line')
	tip.className = 'tip'
	tip.hidden = true
	tip.setAttribute('role', 'status')
	figure.append(tip)
	const box = svg.viewBox.baseVal
	for (const [name, value] of [['y1', 40], ['y2', 728], ['stroke', '#222222'], ['opacity', 0]])
		line.setAttribute(name, value)
	svg.append(line)
	let now = -1
	const ms = (v) => v === null ? '–' : v < 10 ? v.toFixed(2) + ' ms' : Math.round(v) + ' ms'
	const show = (i) => {
		now = Math.max(0, Math.min(windows.length - 1, i))
		const [from, due, ok, err, p50, p99] = windows[now]
		const share = left + (from / to) * (right - left)
		tip.textContent = `${from} s: ${due}/s offered\n${ok}/s succeeded, ${err}/s failed\np50 ${ms(p50)}, p99 ${ms(p99)}`
		tip.hidden = false
		tip.style.top = '22%'
		tip.style.left = share < 0.7 ? `calc(${share * 100}% + 12px)` : ''
		tip.style.right = share < 0.7 ? '' : `calc(${(1 - share) * 100}% + 12px)`
		for (const x of ['x1', 'x2']) line.setAttribute(x, share * box.width)
		line.setAttribute('opacity', 0.5)
	}
	const hide = () => { tip.hidden = true; line.setAttribute('opacity', 0) }
	svg.addEventListener('pointermove', (event) => {
		const area = svg.getBoundingClientRect()
		const at = ((event.clientX - area.left) / area.width - left) / (right - left) * to
		if (at < 0 || at > to) return hide()
		let i = 0
		while (i + 1 < windows.length && windows[i + 1][0] <= at) i++
		show(i)
	})
	svg.addEventListener('pointerleave', hide)
	svg.addEventListener('blur', hide)
	svg.addEventListener('keydown', (event) => {
		const step = {ArrowRight: 1, ArrowLeft: -1}[event.key]
		if (step) { show(now + step); event.preventDefault() }
		if (event.key === 'Escape') hide()
	})
}
