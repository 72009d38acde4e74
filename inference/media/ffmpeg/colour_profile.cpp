// SPDX-License-Identifier: GPL-2.0-or-later
// The format: ICC.1:2022, sections 7.2 (header), 7.3 (tags), 10.6 (curve), 10.15 (text), 10.31 (XYZ).
#include "colour_profile.hpp"

extern "C" {
#include <libavutil/intreadwrite.h>
}

#include <array>
#include <cmath>
#include <string_view>

namespace matting {
namespace {

using Bytes = std::basic_string_view<uint8_t>;

uint32_t number_at(Bytes bytes, size_t offset)
{
	return bytes.size() >= offset + 4 ? AV_RB32(bytes.data() + offset) : 0;
}

std::string_view text_of(Bytes bytes)
{
	return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

// What the tag of that name holds; empty if there is none, or it reaches beyond the profile.
Bytes tag(Bytes profile, std::string_view name)
{
	constexpr size_t header = 128, entry = 12, most = 100;
	const size_t count = std::min<size_t>(number_at(profile, header), most);
	for (size_t i = 0; i < count; i++) {
		const size_t at = header + 4 + entry * i;
		if (profile.size() < at + entry || text_of(profile.substr(at, 4)) != name)
			continue;
		const size_t offset = number_at(profile, at + 4), size = number_at(profile, at + 8);
		return offset <= profile.size() ? profile.substr(offset, size) : Bytes();
	}
	return {};
}

// Text of one byte a letter, or of two, of which the second will do for a name.
std::string name_of(Bytes profile)
{
	const Bytes description = tag(profile, "desc");
	const bool is_wide = text_of(description.substr(0, 4)) == "mluc";
	const size_t length = number_at(description, is_wide ? 20 : 8),
		     offset = is_wide ? number_at(description, 24) : 12;
	std::string name;
	if (offset <= description.size())
		for (const uint8_t letter : description.substr(offset, std::min<size_t>(length, 100)))
			if (letter >= ' ' && letter < 127)
				name += static_cast<char>(letter);
	return name.empty() ? "without a name" : name;
}

bool has_colorants(Bytes profile, const std::array<std::array<double, 3>, 3> &expected)
{
	constexpr double tolerance = 0.01;
	const std::array<const char *, 3> names{"rXYZ", "gXYZ", "bXYZ"};
	for (size_t i = 0; i < names.size(); i++) {
		const Bytes colorant = tag(profile, names[i]);
		for (size_t axis = 0; axis < 3; axis++) {
			const auto value = static_cast<int32_t>(number_at(colorant, 8 + 4 * axis)) / 65536.0;
			if (colorant.size() < 20 || std::abs(value - expected[i][axis]) > tolerance)
				return false;
		}
	}
	return true;
}

} // namespace

std::optional<ColourProfile> colour_profile_of(const AVFrame &frame)
{
	const AVFrameSideData *data = av_frame_get_side_data(&frame, AV_FRAME_DATA_ICC_PROFILE);
	const Bytes profile = data ? Bytes(data->data, data->size) : Bytes();
	if (profile.size() < 132 || text_of(profile.substr(16, 4)) != "RGB ")
		return std::nullopt;
	ColourProfile result{.name = name_of(profile)};
	// Primaries of sRGB and of Display P3, seen under D50.
	if (has_colorants(profile, {{{.4361, .2225, .0139}, {.3851, .7169, .0971}, {.1431, .0606, .7141}}}))
		result.primaries = AVCOL_PRI_BT709;
	else if (has_colorants(profile, {{{.5151, .2412, -.0011}, {.2919, .6922, .0419}, {.1572, .0666, .7841}}}))
		result.primaries = AVCOL_PRI_SMPTE432;
	result.is_known = result.primaries != AVCOL_PRI_UNSPECIFIED;
	const Bytes curve = tag(profile, "gTRC");
	const bool is_power =
		text_of(curve.substr(0, 4)) == "curv" && number_at(curve, 8) == 1; // else it is sRGB's own
	result.transfer = is_power ? AVCOL_TRC_GAMMA22 : AVCOL_TRC_IEC61966_2_1;
	return result;
}

} // namespace matting
