// SPDX-License-Identifier: GPL-2.0-or-later
// See DepthwiseSpan and DepthwisePixel.

void depthwise_pixel(const DepthwisePixel &given)
{
	const DepthwisePixel pixel = given;
	const DepthwiseWeights &layer = *pixel.layer;
	for_each_vector(layer.channels, [&](int c, auto kind) {
		using Kind = decltype(kind);
		Kind sum = load<Kind>(layer.bias + c);
		for (int tap = 0; tap < pixel.count; tap++)
			sum += load<Kind>(pixel.inputs[tap] + c) * load<Kind>(pixel.weights[tap] + c);
		store(pixel.out + c, clamp(sum, load<Kind>(layer.low + c), load<Kind>(layer.high + c)));
	});
}

// The weights stay in registers while the pixels pass by; these are few enough that all of their inputs stay in the
// first-level cache while the channels do.
void depthwise_span(const DepthwiseSpan &given)
{
	const DepthwiseSpan span = given;
	const DepthwiseWeights layer = *span.layer;
	for_each_vector(layer.channels, [&](int c, auto kind) {
		using Kind = decltype(kind);
		Kind weights[depthwise_taps];
		for (int tap = 0; tap < depthwise_taps; tap++)
			weights[tap] = load<Kind>(layer.weights + tap * layer.channels + c);
		const Kind bias = load<Kind>(layer.bias + c), low = load<Kind>(layer.low + c),
			   high = load<Kind>(layer.high + c);
		const float *upper = span.rows[0] + c, *middle = span.rows[1] + c, *lower = span.rows[2] + c;
		float *out = span.out + c;
		for (int x = 0; x < span.count; x++) {
			Kind sum = bias;
			for (int k = 0; k < 3; k++) {
				sum += load<Kind>(upper + k * span.tap_step) * weights[k];
				sum += load<Kind>(middle + k * span.tap_step) * weights[3 + k];
				sum += load<Kind>(lower + k * span.tap_step) * weights[6 + k];
			}
			store(out, clamp(sum, low, high));
			upper += span.pixel_step, middle += span.pixel_step, lower += span.pixel_step;
			out += span.out_step;
		}
	});
}
