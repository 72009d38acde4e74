// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the TorchScript module as it is: the reference.
#pragma once

#include "model_file.hpp"
#include "options.hpp"

namespace matting {

/// What the network gives for one frame; see `make_network`.
struct MatteTensors {
	at::Tensor alpha;        ///< (1, 1, H, W)
	at::Tensor foreground;   ///< (1, 3, H, W)
	at::Tensor coarse_error; ///< (1, 1, Hc, Wc)
	at::Tensor refined;      ///< (1, 1, H/4, W/4)
};

/// Thread-safety: none. Calls with different options may alternate: they are set before each run.
class ScriptedExecutor {
public:
	/// Takes the file's weights. Throws Error.
	explicit ScriptedExecutor(const ModelFile &file);

	/// `source`, `background`: (1, 3, H, W), fp32, RGB in 0..1, H and W divisible by 4.
	MatteTensors run(const at::Tensor &source, const at::Tensor &background, const Options &options);

private:
	torch::jit::Module network_;
	Options current_;
};

} // namespace matting
