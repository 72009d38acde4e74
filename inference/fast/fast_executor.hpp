// SPDX-License-Identifier: GPL-2.0-or-later
// BackgroundMattingV2 as fast as the device allows: the way of a frame, for all devices.
#pragma once

#include "plan.hpp"

#include "inference/executor.hpp"

#include <optional>

namespace matting {

class FastExecutor : public Executor {
public:
	FastExecutor(std::shared_ptr<const FastModel> model, std::unique_ptr<FastDevice> device);

	void set_background(const Picture &background) override;
	void matte(const Picture &source, const Options &options, View view, const Picture &result) override;
	MatteTensors matte_exactly(const Picture &source, const Options &options) override;
	void time_stages(bool on) override;
	std::vector<StageTime> stage_times() const override;
	DeviceFigures device_figures() const override { return device_->figures(); }

private:
	void set_scale(double backbone_scale);
	void set_frame(const Options &options, View view, const Picture &result);
	void run(const Picture &source, const Options &options, View view, const Output &output);
	std::array<Work, stage_names.size()> work() const;

	const std::shared_ptr<const FastModel> model_;
	const std::unique_ptr<FastDevice> device_;
	LayerPointer refiner_;
	// For one size of picture.
	Map source_, background_, mask_;
	// And one scale.
	std::optional<Plan> plan_;
	double scale_ = 0;
	CoarseNetwork network_;
	// And one way of a frame; its operations are the same as long as the version is.
	Options options_;
	View view_ = View::result;
	int width_ = 0, height_ = 0;
	uint64_t version_ = 0;
};

} // namespace matting
