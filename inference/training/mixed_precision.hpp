// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <ATen/autocast_mode.h>

namespace matting::training {

/// While this lives, what this thread asks for on that kind of device is computed in bfloat16 where that does no harm:
/// convolutions, above all. It has the range of fp32, so that losses need not be scaled. In TorchScript modules, too, unless
/// their graphs are optimised.
class MixedPrecision {
public:
	explicit MixedPrecision(at::DeviceType type) : type_(type)
	{
		at::autocast::set_autocast_dtype(type_, at::kBFloat16);
		at::autocast::set_autocast_enabled(type_, true);
		at::autocast::increment_nesting();
	}
	~MixedPrecision()
	{
		if (at::autocast::decrement_nesting() == 0)
			at::autocast::clear_cache(); // of weights, which a step will change
		at::autocast::set_autocast_enabled(type_, false);
	}
	MixedPrecision(const MixedPrecision &) = delete;
	MixedPrecision &operator=(const MixedPrecision &) = delete;

private:
	at::DeviceType type_;
};

} // namespace matting::training
