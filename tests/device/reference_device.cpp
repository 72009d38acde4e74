// SPDX-License-Identifier: GPL-2.0-or-later
#include "reference_device.hpp"

#include "forwarding_device.hpp"

#include <ATen/ATen.h>

namespace matting {
namespace {

struct ReferenceLayer : Layer {
	explicit ReferenceLayer(std::vector<LayerWeights> given) : Layer(given.back()), layers(std::move(given)) {}
	const std::vector<LayerWeights> layers;
};

/// (1, C, H, W), in the map's own memory.
at::Tensor view(const Map &map)
{
	return at::from_blob(map.data, {1, map.channels, map.height, map.width},
			     {map.row * map.height, 1, map.row, map.pixel}, at::kFloat);
}

/// Red, green and blue of a stored picture in 0..1.
at::Tensor colours(const Map &stored)
{
	return at::from_blob(stored.data, {1, 3, stored.height, stored.width},
			     {stored.row * stored.height, 1, stored.row, stored.pixel}, at::kByte) /
	       255.0;
}

at::Tensor convolved(const LayerWeights &layer, const at::Tensor &in, const at::Tensor &add, int64_t groups = 1)
{
	// Depth by depth LibTorch takes minutes in double, and the sums are short.
	const auto type = groups == 1 ? at::kDouble : at::kFloat;
	const auto bound = [&](const at::Tensor &values) {
		return values.to(type).view({1, -1, 1, 1});
	};
	const at::Tensor sums = at::conv2d(in.to(type), layer.weight.to(type), layer.bias.to(type), layer.stride,
					   layer.padding, layer.dilation, groups);
	return at::minimum(at::maximum(sums + add, bound(layer.low)), bound(layer.high));
}

class ReferenceDevice : public ForwardingDevice {
public:
	ReferenceDevice() : ForwardingDevice(make_cpu_device(InstructionSet::baseline)) {}

	LayerPointer prepare(const LayerWeights &weights) const override { return layer({weights}); }
	LayerPointer prepare_upsampled(const LayerWeights &weights) const override { return layer({weights}); }
	LayerPointer prepare_depthwise(const LayerWeights &weights) const override { return layer({weights}); }
	LayerPointer prepare_refiner(const std::array<LayerWeights, 4> &layers) const override
	{
		return layer({layers.begin(), layers.end()});
	}

	void convolve(const Layer &layer, const Map &in, const Map &out, const Map &add) override
	{
		const at::Tensor added = add.defined() ? view(add) : at::zeros({1});
		view(out).copy_(convolved(weights(layer).front(), view(in), added));
	}
	void convolve_depthwise(const Layer &layer, const Map &in, const Map &out) override
	{
		view(out).copy_(convolved(weights(layer).front(), view(in), at::zeros({1}), in.channels));
	}
	void convolve_upsampled(const Layer &layer, const Map &in, const Map &both, const Map &out) override
	{
		FastDevice::convolve_upsampled(layer, in, both, out);
	}
	bool has_convolve_selected() const override { return false; }
	void convolve_selected(const Layer &layer, const Map &in, const Map &both, const Map &mask,
			       const Map &out) override
	{
		FastDevice::convolve_selected(layer, in, both, mask, out);
	}
	void max_pool(const Map &in, const Map &out) override { view(out).copy_(at::max_pool2d(view(in), 3, 2, 1)); }
	void average(const Map &in, const Map &out) override
	{
		view(out).copy_(view(in).to(at::kDouble).mean({2, 3}, true));
	}
	void upsample(const Map &in, const Map &out) override
	{
		view(out).copy_(at::upsample_bilinear2d(view(in), {out.height, out.width}, false));
	}
	void downsample(const Map &stored, const Map &out) override
	{
		view(out).copy_(at::upsample_bilinear2d(colours(stored), {out.height, out.width}, false));
	}

	void compose(const Map &coarse, const Map &source, const Map &mask, const Output &output) override
	{
		const at::Tensor result = at::upsample_bilinear2d(view(coarse.narrow(coarse::alpha, 4)),
								  {source.height, source.width}, false);
		write(result, source, mask, false, output);
	}
	void refine(const Layer &refiner, const Map &coarse, const Map &source, const Map &background, const Map &mask,
		    const Output &output) override
	{
		const auto &layers = weights(refiner);
		const auto resize = [&](const at::Tensor &tensor) {
			return at::upsample_bilinear2d(tensor, {source.height / 2, source.width / 2}, false);
		};
		const auto valid = [&](int number, const at::Tensor &in) {
			LayerWeights layer = layers[number];
			layer.padding = 0;
			return convolved(layer, in, at::zeros({1}));
		};
		const at::Tensor pictures = at::cat({colours(source), colours(background)}, 1);
		const at::Tensor coarse_part =
			at::cat({view(coarse.narrow(coarse::hidden, 32)), view(coarse.narrow(coarse::alpha, 4))}, 1);
		at::Tensor x = at::cat({resize(coarse_part), resize(pictures)}, 1);
		x = valid(1, valid(0, at::constant_pad_nd(x, {3, 3, 3, 3})));
		x = at::upsample_nearest2d(x, {source.height + 4, source.width + 4});
		x = at::cat({x, at::constant_pad_nd(pictures, {2, 2, 2, 2})}, 1);
		write(valid(3, valid(2, x)), source, mask, true, output);
	}

private:
	static LayerPointer layer(std::vector<LayerWeights> weights)
	{
		return std::make_shared<ReferenceLayer>(std::move(weights));
	}
	static const std::vector<LayerWeights> &weights(const Layer &layer)
	{
		return static_cast<const ReferenceLayer &>(layer).layers;
	}

	/// Alpha and the foreground's difference, to the cells that are selected, or to the others.
	static void write(const at::Tensor &result, const Map &source, const Map &mask, bool selected,
			  const Output &output)
	{
		at::Tensor finished = result.to(at::kDouble).clone();
		finished.slice(1, 1, 4).add_(colours(source));
		const at::Tensor cells =
			at::from_blob(mask.data, {1, 1, mask.height, mask.width}, at::kByte).to(at::kFloat);
		const at::Tensor here =
			at::eq(at::upsample_nearest2d(cells, {source.height, source.width}).gt(0), selected);
		const at::Tensor out = view(output.exact);
		out.copy_(at::where(here, finished.clamp(0, 1), out.to(at::kDouble)));
	}
};

} // namespace

std::unique_ptr<FastDevice> make_reference_device()
{
	return std::make_unique<ReferenceDevice>();
}

} // namespace matting
