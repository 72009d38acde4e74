// SPDX-License-Identifier: GPL-2.0-or-later
// The fast executor's device that every machine has.
#include "cpu_maps.hpp"
#include "cpu_pictures.hpp"
#include "cpu_refiner.hpp"

#include <chrono>
#include <optional>

namespace matting {
namespace {

class CpuDevice : public FastDevice {
public:
	explicit CpuDevice(InstructionSet set) : kernels_(cpu::kernels(set)) {}

	std::shared_ptr<void> allocate(size_t bytes) override
	{
		const at::Tensor memory = at::zeros({static_cast<int64_t>(bytes)}, at::kByte);
		return {memory.mutable_data_ptr(), [memory](void *) {
			}};
	}
	int element() const override { return sizeof(float); }
	at::Tensor download(const Map &map) override
	{
		return at::from_blob(map.data, {map.height, map.width, map.channels}, {map.row, map.pixel, 1},
				     map.element == 1 ? at::kByte : at::kFloat)
			.to(at::kFloat, false, /*copy=*/true);
	}

	Picture begin_frame(const Picture &result) override
	{
		begin_ = Clock::now();
		return result;
	}
	void run(uint64_t, const std::function<void()> &operations) override { operations(); }
	void end_of(Stage stage) override
	{
		const auto now = Clock::now();
		milliseconds_[static_cast<size_t>(stage)] =
			std::chrono::duration<double, std::milli>(now - begin_).count();
		begin_ = now;
	}
	void end_frame(const Picture &) override {}
	std::array<double, stage_names.size()> stage_milliseconds() override { return milliseconds_; }

	LayerPointer prepare(const LayerWeights &weights) const override
	{
		return std::make_shared<cpu::PackedLayer>(weights, kernels_);
	}
	LayerPointer prepare_depthwise(const LayerWeights &weights) const override
	{
		return std::make_shared<cpu::PackedDepthwise>(weights, kernels_);
	}
	LayerPointer prepare_refiner(const std::array<LayerWeights, 4> &layers) const override
	{
		return std::make_shared<cpu::PackedRefiner>(layers, kernels_);
	}

	void convolve(const Layer &layer, const Map &in, const Map &out, const Map &add) override
	{
		std::optional<cpu::MapView> added;
		if (add.defined())
			added.emplace(add);
		cpu::convolve(static_cast<const cpu::PackedLayer &>(layer), cpu::MapView(in), cpu::MapView(out),
			      added ? &*added : nullptr, scratch_);
	}
	void convolve_depthwise(const Layer &layer, const Map &in, const Map &out) override
	{
		cpu::convolve_depthwise(static_cast<const cpu::PackedDepthwise &>(layer), cpu::MapView(in),
					cpu::MapView(out));
	}
	void max_pool(const Map &in, const Map &out) override
	{
		cpu::max_pool(kernels_, cpu::MapView(in), cpu::MapView(out));
	}
	void average(const Map &in, const Map &out) override
	{
		cpu::average(kernels_, cpu::MapView(in), cpu::MapView(out));
	}
	void upsample(const Map &in, const Map &out) override
	{
		cpu::upsample(kernels_, cpu::MapView(in), cpu::MapView(out));
	}
	void convolve_upsampled(const Layer &layer, const Map &in, const Map &both, const Map &out) override
	{
		if (static_cast<const cpu::PackedLayer &>(layer).is_transformed)
			convolve_tiles(layer, cpu::all_tiles(out.height, out.width, layer.dilation), in, both, out);
		else
			FastDevice::convolve_upsampled(layer, in, both, out);
	}
	bool has_convolve_selected() const override { return true; }
	void convolve_selected(const Layer &layer, const Map &in, const Map &both, const Map &mask,
			       const Map &out) override
	{
		if (static_cast<const cpu::PackedLayer &>(layer).is_transformed)
			convolve_tiles(layer, cpu::tiles_near(mask, out.height, out.width), in, both, out);
		else
			FastDevice::convolve_upsampled(layer, in, both, out);
	}

	void store_picture(const Picture &picture, const Map &stored) override { cpu::store_picture(picture, stored); }
	void downsample(const Map &stored, const Map &out) override
	{
		cpu::downsample(kernels_, cpu::StoredView(stored), cpu::MapView(out));
	}

	void select(const Map &coarse, const Options &options, const Map &mask) override
	{
		cpu::select(cpu::MapView(coarse.narrow(coarse::error, 1)), options, mask.height, mask.width, errors_,
			    mask.data);
	}
	void compose(const Map &coarse, const Map &source, const Map &mask, const Output &output) override
	{
		cpu::compose(kernels_, cpu::MapView(coarse), cpu::StoredView(source), mask.data, output);
	}
	void refine(const Layer &refiner, const Map &coarse, const Map &source, const Map &background, const Map &mask,
		    const Output &output) override
	{
		streams_.refine(static_cast<const cpu::PackedRefiner &>(refiner), cpu::MapView(coarse),
				cpu::StoredView(source), cpu::StoredView(background), mask.data, output);
	}
	void show(View view, const Map &coarse, const Map &mask, const Picture &result) override
	{
		cpu::show(view, cpu::MapView(coarse), mask.data, result);
	}

private:
	void convolve_tiles(const Layer &layer, const std::vector<cpu::TilePlace> &tiles, const Map &in,
			    const Map &both, const Map &out)
	{
		const cpu::MapView upsampled(in), beside(both.narrow(in.channels, both.channels - in.channels));
		cpu::convolve_transformed(static_cast<const cpu::PackedLayer &>(layer), tiles, &upsampled, beside,
					  cpu::MapView(out), nullptr, scratch_);
	}

	using Clock = std::chrono::steady_clock;

	const cpu::Kernels &kernels_;
	Clock::time_point begin_; // of the stage that runs
	std::array<double, stage_names.size()> milliseconds_{};
	std::vector<float> errors_;
	cpu::RefinerStreams streams_;
	cpu::Scratch scratch_;
};

} // namespace

std::unique_ptr<FastDevice> make_cpu_device(InstructionSet set)
{
	return std::make_unique<CpuDevice>(set);
}

} // namespace matting
