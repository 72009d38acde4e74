// SPDX-License-Identifier: GPL-2.0-or-later
#include "single_pictures.hpp"

#include "file_names.hpp"
#include "formats.hpp"

#include "inference/plate.hpp"

#include <string_view>
#include <utility>

namespace matting {
namespace {

class PictureReader : public MediaReader {
public:
	PictureReader(const std::filesystem::path &path, Bitmap bitmap)
	{
		facts_.path = path;
		facts_.frames = 1;
		facts_.is_picture = true;
		facts_.has_alpha = !bitmap.is_opaque();
		next_ = TimedBitmap{std::move(bitmap)};
	}

	std::optional<TimedBitmap> read() override { return std::exchange(next_, std::nullopt); }
	const MediaFacts &facts() const override { return facts_; }

private:
	MediaFacts facts_;
	std::optional<TimedBitmap> next_;
};

class PictureWriter : public MediaWriter {
public:
	explicit PictureWriter(std::filesystem::path path) : path_(std::move(path)) {}

	void write(const Picture &picture, int64_t, int64_t) override
	{
		if (bitmap_)
			throw holds_one_picture(path_);
		bitmap_.emplace(picture);
	}
	void finish() override
	{
		if (bitmap_)
			write_plate(path_, bitmap_->picture());
	}
	std::vector<std::string> notes() const override { return {}; }

private:
	std::filesystem::path path_;
	std::optional<Bitmap> bitmap_;
};

} // namespace

std::unique_ptr<MediaReader> open_single_picture(const std::filesystem::path &path)
{
	if (path == "-" || is_sequence_name(path))
		return nullptr;
	const InputFile file(path);
	return is_plate(file) ? std::make_unique<PictureReader>(path, read_plate(file)) : nullptr;
}

std::unique_ptr<MediaWriter> create_single_picture(const std::filesystem::path &path, const WriteSettings &settings)
{
	const Format &format = find_format(path, settings.codec);
	const bool is_png = !format.is_video && std::string_view(format.codec) == "png";
	if (!is_png || is_standard_output(path) || is_sequence_name(path))
		return nullptr;
	return std::make_unique<PictureWriter>(path);
}

} // namespace matting
