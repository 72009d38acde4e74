// SPDX-License-Identifier: GPL-2.0-or-later
// ICC profiles in pictures, as far as FFmpeg's filters can follow them.
#pragma once

#include "ffmpeg.hpp"

#include <optional>
#include <string>

namespace matting {

/// Of a picture with RGB or YCbCr.
struct ColourProfile {
	std::string name;      ///< as the profile says
	bool is_known = false; ///< then these are what it means
	AVColorPrimaries primaries = AVCOL_PRI_UNSPECIFIED;
	AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED;
};

/// Nothing if the frame has none.
std::optional<ColourProfile> colour_profile_of(const AVFrame &frame);

} // namespace matting
