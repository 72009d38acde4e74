// SPDX-License-Identifier: GPL-2.0-or-later
// THE CONTRACT: RGBA pictures in, RGBA pictures out. `serve`, `matte`, `bench` and the tests all use this.
#pragma once

#include "error.hpp"
#include "figures.hpp"
#include "input_file.hpp"
#include "options.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace matting {

enum class Device { cpu, cuda };

/// A borrowed picture: RGBA8, straight alpha, sRGB-encoded, top row first. Owns nothing.
/// `pitch` is the distance between rows in bytes, at least 4 * width.
struct Picture {
	uint8_t *pixels = nullptr;
	int width = 0;
	int height = 0;
	std::ptrdiff_t pitch = 0;
	Device device = Device::cpu;
};

struct EngineSettings {
	InputFile model;                ///< any file that `open_model_file` reads
	std::string device = "auto";    ///< auto: a card, or the CPU where none does it; cpu, cuda or cuda:N
	std::string precision = "auto"; ///< auto, fp32 or fp16; auto is fp16 on CUDA and fp32 on the CPU
	std::string executor = "fast";  ///< fast, or scripted: as TorchScript runs it, for reference
	/// For scripted: the code in the file is run, whatever network that makes of the same signature. Only for files that
	/// the user trusts.
	bool runs_code = false;
};

/// What a part of the last frame took, and what it had to do: multiplications, and bytes read and written when every map
/// is read and written once. Multiplications are those that are done. The work is 0 where
/// it is not known.
struct StageTime {
	std::string name;
	double milliseconds = 0;
	double multiplications = 0, bytes = 0;
};

/// What a graphics card did for the last frame; all 0 on the CPU.
struct DeviceFigures {
	double milliseconds = 0; ///< from the source's arrival to the last kernel's end
	int64_t launches = 0;    ///< kernels in it
	size_t memory_bytes = 0; ///< that this process has allocated there, weights and all
	size_t used_bytes = 0;   ///< that all programs use there, with what CUDA itself needs
};

/// One source's matting: a model, a background plate and the options.
/// Thread-safety: none; one thread at a time, and the same one throughout (LibTorch keeps per-thread plans).
/// Engines with equal settings share one copy of the weights; `scripted` ones with it a thread.
class Engine {
public:
	/// Loads and prepares the model: from 0.1 s (MobileNetV2) to seconds. Throws Error.
	explicit Engine(const EngineSettings &settings);
	~Engine();
	Engine(Engine &&) noexcept;
	Engine &operator=(Engine &&) noexcept;

	/// Takes effect with the next `matte`, without a stall; a quality that is not custom as it is meant for that picture.
	/// Throws std::invalid_argument out of range.
	void set_options(const Options &options);

	/// Copies the background plate. Its size may differ from the source's if the aspect ratio is the same.
	void set_background(const Picture &background);
	void clear_background();
	bool has_background() const;

	/// Mattes `source` into `result`, which has the same size and may be the same memory. Straight alpha;
	/// colour is the predicted foreground (or as `edge_colour` says), or 0 where alpha is 0; alpha is the prediction times the
	/// source's own, finished as the options say.
	/// Any size from 16x16. Throws Error (no background, sizes that do not fit), leaving `result` undefined.
	void matte(const Picture &source, const Picture &result, View view = View::result);

	const std::string &backbone() const;  ///< mobilenetv2, resnet50, resnet101; TorchScript: its own code
	const Options &attributes() const;    ///< that the model came with, or the defaults; TorchScript's own: those
	const std::string &device() const;    ///< the one really used: cpu, cuda:0, ...
	const std::string &fallback() const;  ///< why `auto` is the CPU although there is a card; or empty
	const std::string &precision() const; ///< the one really used: fp32 or fp16
	void time_stages(bool on);            ///< on a card it takes time: off at first
	std::vector<StageTime> stage_times() const; ///< of the last `matte` that was timed; empty before it
	DeviceFigures device_figures() const;
	const MatteFigures &figures() const; ///< of the last `matte` whose view was `result`

private:
	struct State;
	std::unique_ptr<State> state_;
};

} // namespace matting
