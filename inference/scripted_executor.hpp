// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the TorchScript module as it is: the reference.
#pragma once

#include "executor.hpp"
#include "model_file.hpp"

namespace matting {

/// The module with a file's weights, frozen. Thread-safety: none. Calls with different options may alternate: they are
/// set before each run.
class ScriptedModel {
public:
	/// Throws Error.
	explicit ScriptedModel(const ModelFile &file);

	/// `source`, `background`: (1, 3, H, W), fp32, RGB in 0..1, H and W divisible by 4.
	MatteTensors run(const at::Tensor &source, const at::Tensor &background, const Options &options);

private:
	torch::jit::Module network_;
	Options current_;
};

class ScriptedExecutor : public Executor {
public:
	explicit ScriptedExecutor(std::shared_ptr<ScriptedModel> model) : model_(std::move(model)) {}

	void set_background(const Picture &background) override;
	void matte(const Picture &source, const Options &options, View view, const Picture &result) override;
	MatteTensors matte_exactly(const Picture &source, const Options &options) override;
	std::vector<StageTime> stage_times() const override { return times_; }

private:
	const std::shared_ptr<ScriptedModel> model_;
	at::Tensor source_, background_; // planes
	std::vector<StageTime> times_;
};

} // namespace matting
