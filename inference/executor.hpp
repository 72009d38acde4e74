// SPDX-License-Identifier: GPL-2.0-or-later
// What runs a model for an Engine: `fast` as fast as the device allows, `scripted` as TorchScript does.
#pragma once

#include "matting.hpp"

#include <memory>
#include <string>

#include <torch/script.h>

namespace matting {

struct ModelFile;

/// It is the file that cannot be run, on this device or another.
struct ModelError : Error {
	using Error::Error;
};

/// What the network gives for one frame; see `make_network`.
struct MatteTensors {
	at::Tensor alpha;        ///< (1, 1, H, W)
	at::Tensor foreground;   ///< (1, 3, H, W)
	at::Tensor coarse_error; ///< (1, 1, Hc, Wc)
	at::Tensor refined;      ///< (1, 1, H/4, W/4)
};

/// One engine's memory and what it knows of its background. Pictures are RGBA8 on the executor's device.
/// Thread-safety: none.
class Executor {
public:
	virtual ~Executor() = default;

	/// Of the size of the sources to come. May be called anew at any time.
	virtual void set_background(const Picture &background) = 0;
	/// As `Engine::matte`, for a source of the background's size. Throws c10::Error.
	virtual void matte(const Picture &source, const Options &options, View view, const Picture &result) = 0;
	/// The same as numbers, for those who want to know exactly: fp32, of the picture padded to multiples of 4.
	virtual MatteTensors matte_exactly(const Picture &source, const Options &options) = 0;
	/// Whether frames from now on are timed stage by stage where that costs time.
	virtual void time_stages(bool) {}
	/// Of the last frame that was timed.
	virtual std::vector<StageTime> stage_times() const = 0;
	virtual DeviceFigures device_figures() const { return {}; }
};

/// Where a model runs, and how.
struct Target {
	std::string device, precision; ///< cpu or cuda:N; fp32 or fp16
	int cuda_index = -1;           ///< N of cuda:N
};

/// A model's weights, ready for a target: what its executors share. Thread-safety: none.
class ReadyModel {
public:
	virtual ~ReadyModel() = default;

	/// Throws Error or c10::Error: the target cannot run this model.
	virtual std::unique_ptr<Executor> make_executor() = 0;
};

/// Either throws as `make_executor` does. The file outlives the model. The first is the room fast/'s.
std::unique_ptr<ReadyModel> make_fast_model(const ModelFile &file, const Target &target);
std::unique_ptr<ReadyModel> make_scripted_model(const ModelFile &file, const Target &target);
/// The same with the network that the code in the file makes.
std::unique_ptr<ReadyModel> make_code_model(const InputFile &file, const Target &target);

} // namespace matting
