// SPDX-License-Identifier: GPL-2.0-or-later
#include "colour_profile.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>
#include <lcms2.h>

namespace matting {
namespace {

struct CloseProfile {
	void operator()(void *profile) const { cmsCloseProfile(profile); }
};
using Profile = std::unique_ptr<void, CloseProfile>;

std::string name_of(cmsHPROFILE profile)
{
	std::array<char, 100> text{};
	cmsGetProfileInfoASCII(profile, cmsInfoDescription, "en", "US", text.data(), text.size());
	std::string name = text.data();
	std::erase_if(name, [](unsigned char letter) { return letter < ' ' || letter > '~'; });
	return name.empty() ? "without a name" : name;
}

// RGBA, from all over the colours that there are.
std::vector<uint8_t> samples(bool is_grey)
{
	constexpr int step = 51;
	std::vector<uint8_t> colours;
	const auto add = [&](int red, int green, int blue) {
		for (const int value : {red, green, blue, 255})
			colours.push_back(static_cast<uint8_t>(value));
	};
	for (int first = 0; first <= 255; first += is_grey ? 1 : step)
		if (is_grey)
			add(first, first, first);
		else
			for (int green = 0; green <= 255; green += step)
				for (int blue = 0; blue <= 255; blue += step)
					add(first, green, blue);
	return colours;
}

bool changes(cmsHTRANSFORM transform, bool is_grey)
{
	constexpr int rounding = 2;
	const std::vector<uint8_t> before = samples(is_grey);
	std::vector<uint8_t> after = before;
	cmsDoTransform(transform, after.data(), after.data(), static_cast<cmsUInt32Number>(after.size() / 4));
	return !std::equal(before.begin(), before.end(), after.begin(),
			   [](int one, int other) { return std::abs(one - other) <= rounding; });
}

} // namespace

std::string_view profile_in(const AVFrame &frame)
{
	const AVFrameSideData *data = av_frame_get_side_data(&frame, AV_FRAME_DATA_ICC_PROFILE);
	return data ? std::string_view(reinterpret_cast<const char *>(data->data), data->size) : std::string_view();
}

void ColourProfile::FreeTransform::operator()(void *transform) const
{
	cmsDeleteTransform(transform);
}

ColourProfile::ColourProfile(std::string_view bytes, bool is_grey) : bytes_(bytes)
{
	if (bytes_.empty())
		return;
	const Profile profile(cmsOpenProfileFromMem(bytes_.data(), static_cast<cmsUInt32Number>(bytes_.size())));
	name_ = profile ? name_of(profile.get()) : "which is damaged";
	const auto space = profile ? cmsGetColorSpace(profile.get()) : cmsSigNamedData;
	if (space == cmsSigRgbData || (space == cmsSigGrayData && is_grey))
		make_transform(profile.get(), space == cmsSigGrayData);
}

void ColourProfile::make_transform(void *profile, bool is_grey)
{
	// Grey lies in all three colours; what is not named as a colour is left as it is.
	constexpr cmsUInt32Number grey = COLORSPACE_SH(PT_GRAY) | CHANNELS_SH(1) | EXTRA_SH(3) | BYTES_SH(1);
	const Profile srgb(cmsCreate_sRGBProfile());
	transform_.reset(cmsCreateTransform(profile, is_grey ? grey : TYPE_RGBA_8, srgb.get(), TYPE_RGBA_8,
					    INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_BLACKPOINTCOMPENSATION));
	is_known_ = transform_ != nullptr;
	if (transform_ && !changes(transform_.get(), is_grey))
		transform_.reset(); // it is sRGB
}

std::string ColourProfile::note() const
{
	return transform_ ? fmt::format("its colours are converted from {} to sRGB", name_) : "";
}

std::string ColourProfile::warning() const
{
	const bool is_lost = !bytes_.empty() && !is_known_;
	return is_lost ? fmt::format("its colour profile, {}, cannot be used: convert it to sRGB for true colours",
				     name_)
		       : "";
}

void ColourProfile::apply(AVFrame &frame) const
{
	if (!transform_)
		return;
	check(av_frame_make_writable(&frame), "there is no memory for a picture");
	const auto pitch = static_cast<cmsUInt32Number>(frame.linesize[0]);
	cmsDoTransformLineStride(transform_.get(), frame.data[0], frame.data[0],
				 static_cast<cmsUInt32Number>(frame.width), static_cast<cmsUInt32Number>(frame.height),
				 pitch, pitch, 0, 0);
}

} // namespace matting
