// SPDX-License-Identifier: GPL-2.0-or-later
// The fast executor's device that every machine has.
#include "cpu_maps.hpp"
#include "cpu_pictures.hpp"
#include "cpu_refiner.hpp"

namespace matting {
namespace {

class CpuDevice : public FastDevice {
public:
	at::Tensor allocate(int64_t floats) override { return at::empty({floats}, at::kFloat); }

	LayerPointer prepare(const LayerWeights &weights) const override
	{
		return std::make_shared<cpu::PackedLayer>(weights);
	}
	LayerPointer prepare_depthwise(const LayerWeights &weights) const override
	{
		return std::make_shared<cpu::PackedDepthwise>(weights);
	}
	LayerPointer prepare_refiner(const std::array<LayerWeights, 4> &layers) const override
	{
		return std::make_shared<cpu::PackedRefiner>(layers);
	}

	void convolve(const Layer &layer, const Map &in, const Map &out, const Map &add) override
	{
		std::optional<cpu::MapView> added;
		if (add.defined())
			added.emplace(add);
		cpu::convolve(static_cast<const cpu::PackedLayer &>(layer), cpu::MapView(in), cpu::MapView(out),
			      added ? &*added : nullptr);
	}
	void convolve_depthwise(const Layer &layer, const Map &in, const Map &out) override
	{
		cpu::convolve_depthwise(static_cast<const cpu::PackedDepthwise &>(layer), cpu::MapView(in),
					cpu::MapView(out));
	}
	void max_pool(const Map &in, const Map &out) override { cpu::max_pool(cpu::MapView(in), cpu::MapView(out)); }
	void average(const Map &in, const Map &out) override { cpu::average(cpu::MapView(in), cpu::MapView(out)); }
	void upsample(const Map &in, const Map &out) override { cpu::upsample(cpu::MapView(in), cpu::MapView(out)); }

	at::Tensor make_picture(int width, int height) override
	{
		return at::zeros({height + 2 * picture_margin, width + 2 * picture_margin, 4}, at::kByte);
	}
	void store_picture(const Picture &picture, const at::Tensor &stored) override
	{
		cpu::store_picture(picture, stored);
	}
	void downsample(const at::Tensor &stored, const Map &out) override
	{
		cpu::downsample(cpu::StoredView(stored), cpu::MapView(out));
	}

	at::Tensor make_mask(int width, int height) override { return at::zeros({height / 4, width / 4}, at::kByte); }
	void select(const Map &coarse, const Options &options, const at::Tensor &mask) override
	{
		cpu::select(cpu::MapView(coarse.narrow(2, coarse::error, 1)), options, static_cast<int>(mask.size(0)),
			    static_cast<int>(mask.size(1)), errors_, mask.mutable_data_ptr<uint8_t>());
	}
	void compose(const Map &coarse, const at::Tensor &source, const at::Tensor &mask, const Output &output) override
	{
		cpu::compose(cpu::MapView(coarse), cpu::StoredView(source), mask.const_data_ptr<uint8_t>(), output);
	}
	void refine(const Layer &refiner, const Map &coarse, const at::Tensor &source, const at::Tensor &background,
		    const at::Tensor &mask, const Output &output) override
	{
		streams_.refine(static_cast<const cpu::PackedRefiner &>(refiner), cpu::MapView(coarse),
				cpu::StoredView(source), cpu::StoredView(background), mask.const_data_ptr<uint8_t>(),
				output);
	}
	void show(View view, const Map &coarse, const at::Tensor &mask, const Picture &result) override
	{
		cpu::show(view, cpu::MapView(coarse), mask.const_data_ptr<uint8_t>(), result);
	}

private:
	std::vector<float> errors_;
	cpu::RefinerStreams streams_;
};

} // namespace

std::unique_ptr<FastDevice> make_cpu_device()
{
	return std::make_unique<CpuDevice>();
}

} // namespace matting
