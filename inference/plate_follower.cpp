// SPDX-License-Identifier: GPL-2.0-or-later
#include "plate_follower.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <torch/script.h>

namespace matting {
namespace {

constexpr int frames_between = 16;   // estimates, while all is well
constexpr int frames_when_lost = 8;  // ... and while nothing fits: somebody before the lens, perhaps
constexpr double noticed_loss = 0.9; // of the usual fit: then at once
constexpr double greatest_movement = 0.3, least_fit = 0.25, least_gain_of_fit = 0.02;
constexpr double large_movement = 0.12, least_fit_far_away = 0.4; // there, less is found by chance
constexpr double well_found = 0.6;                                // nothing else is tried
constexpr double small_movement = 0.005, tolerated_loss = 0.005;
constexpr double least_movement = 0.4; // pixels that are worth moving the plate again
constexpr double least_light = 0.015;
constexpr double farthest_from_plate = 0.03; // widths

double height_in_widths(const Bitmap &bitmap)
{
	return static_cast<double>(bitmap.height) / bitmap.width;
}

// Where the pixels of rows `begin` to `end` of a frame lie in the plate, as grid_sampler wants it: (1, rows, W, 2), -1..1.
at::Tensor grid_of(const Homography &plate_of_frame, const Bitmap &bitmap, int begin, int end)
{
	const at::Tensor grid = at::empty({1, end - begin, bitmap.width, 2}, at::kFloat);
	auto *to = grid.mutable_data_ptr<float>();
	const double stretch = 1 / height_in_widths(bitmap);
	for (int y = begin; y < end; y++)
		for (int x = 0; x < bitmap.width; x++) {
			const auto [plate_x, plate_y] = plate_of_frame(point_of(x, y, bitmap.width, bitmap.height));
			*to++ = static_cast<float>(plate_x);
			*to++ = static_cast<float>(plate_y * stretch);
		}
	return grid;
}

// Small pictures end with the last whole block. What holds for these, for whole ones.
Homography of_whole_pictures(const Homography &of_small, const Picture &picture, const Grey &small)
{
	const double block = block_of(picture), share = block * small.width / picture.width;
	const double below = (block * small.height - picture.height) / picture.width;
	const Homography whole_of_small{{share, 0, share - 1, 0, share, below, 0, 0, 1}};
	return whole_of_small * of_small * whole_of_small.inverse();
}

} // namespace

// The picture, or a copy on the CPU: of the rows from `first` on, `every` so many, in each `period` of rows.
Picture PlateFollower::here(const Picture &picture, int first, int every, int period)
{
	if (picture.device == Device::cpu)
		return picture;
	if (copy_.width != picture.width || copy_.height != picture.height) {
		pinned_.reset();
		copy_ = Bitmap(picture.width, picture.height);
		pinned_ = remote_.pin(copy_.picture());
	}
	for (int row = first; row < std::min(period, picture.height); row += every)
		remote_.read_rows(picture, row, period, copy_.picture());
	return copy_.picture();
}

void PlateFollower::shrink(const Picture &original, bool thorough, SmallPicture &small)
{
	const int block = block_of(original);
	const int step = thorough ? 1 : std::max(1, block / 2);
	small.shrink(here(original, step / 2, step, block), block, step);
}

void PlateFollower::set_plate(const Picture &plate)
{
	given_ = Bitmap(plate);
	moved_ = given_;
	shrink(plate, true, small_);
	target_.emplace(small_.grey);
	alignment_ = used_ = {};
	light_ = used_light_ = {1, 1, 1};
	margins_ = {};
	fit_ = usual_fit_ = 0;
	frames_ = frames_between;
	pause_ = 0;
}

bool PlateFollower::look(const Picture &frame)
{
	if (!target_)
		return false;
	shrink(frame, false, glance_);
	if (!target_->is_textured())
		return false;
	fit_ = target_->fit(glance_.grey, alignment_);
	frames_++;
	const bool is_lost = fit_ < noticed_loss * usual_fit_ || usual_fit_ == 0;
	if (frames_ < (is_lost ? pause_ : frames_between)) {
		usual_fit_ += 0.05 * (fit_ - usual_fit_);
		return false;
	}
	shrink(frame, true, thorough_);
	const bool is_first = usual_fit_ == 0;               // nothing is usual yet: it is lost only if it does not fit
	const bool has_moved = estimate(thorough_, is_lost); // or throws, and is tried again with the next frame
	frames_ = 0;
	pause_ = is_lost && !has_moved && !(is_first && fit_ > least_fit) ? frames_when_lost : 0;
	usual_fit_ = target_->fit(glance_.grey, alignment_);
	return has_moved;
}

// Whether the plate was moved or lit anew.
bool PlateFollower::estimate(const SmallPicture &frame, bool far)
{
	fit_ = target_->fit(frame.grey, alignment_);
	Alignment found = target_->align(frame.grey, alignment_, far, smaller_);
	double fit = target_->fit(frame.grey, found);
	if (far && fit < well_found) {
		const Alignment other =
			target_->align(frame.grey, target_->shifted(frame.grey, alignment_, smaller_), far, smaller_);
		const double other_fit = target_->fit(frame.grey, other);
		if (other_fit > fit) {
			found = other;
			fit = other_fit;
		}
	}
	const double movement = found.frame_of_plate.movement(height_in_widths(given_));
	const bool is_possible = movement < greatest_movement && std::abs(std::log(found.gain)) < 0.7 &&
				 fit > (movement > large_movement ? least_fit_far_away : least_fit);
	const double way =
		(alignment_.frame_of_plate.inverse() * found.frame_of_plate).movement(height_in_widths(given_));
	if (!is_possible || fit < fit_ + (way > small_movement ? least_gain_of_fit : -tolerated_loss))
		return false;
	alignment_ = found;
	fit_ = fit;
	light_ = measure_light(frame, found);
	const Homography change = used_.frame_of_plate.inverse() * alignment_.frame_of_plate;
	double light_change = 0;
	for (size_t i = 0; i < light_.size(); i++)
		light_change = std::max(light_change, std::abs(light_[i] / used_light_[i] - 1));
	if (change.movement(height_in_widths(given_)) * given_.width < least_movement && light_change < least_light)
		return false;
	move_plate();
	return true;
}

void PlateFollower::move_plate()
{
	const Homography plate_of_frame =
		of_whole_pictures(alignment_.frame_of_plate.inverse(), given_.picture(), small_.grey);
	const at::Tensor gains = torch::tensor({light_[0], light_[1], light_[2]}, at::kFloat).view({1, 3, 1, 1});
	const at::Tensor planes = at::from_blob(given_.pixels.data(), {given_.height, given_.width, 4}, at::kByte)
					  .narrow(2, 0, 3)
					  .permute({2, 0, 1})
					  .unsqueeze(0)
					  .to(at::kFloat)
					  .contiguous();
	at::Tensor moved = at::from_blob(moved_.pixels.data(), {given_.height, given_.width, 4}, at::kByte);
	constexpr int rows_at_once = 64;
	for (int begin = 0; begin < given_.height; begin += rows_at_once) {
		const int end = std::min(begin + rows_at_once, given_.height);
		constexpr int bicubic = 2, border = 1;
		const at::Tensor band = at::grid_sampler(planes, grid_of(plate_of_frame, given_, begin, end), bicubic,
							 border, /*align_corners=*/false);
		moved.narrow(0, begin, end - begin)
			.narrow(2, 0, 3)
			.copy_(band.mul(gains).add_(0.5).clamp_(0, 255).squeeze(0).permute({1, 2, 0}));
	}
	margins_ = unknown_margins(plate_of_frame);
	used_ = alignment_;
	used_light_ = light_;
}

// A line's image is a line: three points of it will do.
PlateFollower::Margins PlateFollower::unknown_margins(const Homography &plate_of_frame) const
{
	const int width = given_.width, height = given_.height;
	const double half_pixel = 1.0 / width, lowest = height_in_widths(given_) + half_pixel;
	const auto at = [&](int x, int y) {
		return plate_of_frame(point_of(x, y, width, height));
	};
	const auto first_known = [](int size, auto &&is_known) {
		int margin = 0;
		while (margin < size / 2 && !is_known(margin))
			margin++;
		return margin;
	};
	const auto in_rows = [&](int x) {
		return std::array{at(x, 0)[0], at(x, height / 2)[0], at(x, height - 1)[0]};
	};
	const auto in_columns = [&](int y) {
		return std::array{at(0, y)[1], at(width / 2, y)[1], at(width - 1, y)[1]};
	};
	return {.left = first_known(width, [&](int i) { return std::ranges::min(in_rows(i)) >= -1 - half_pixel; }),
		.top = first_known(height, [&](int i) { return std::ranges::min(in_columns(i)) >= -lowest; }),
		.right = first_known(width,
				     [&](int i) { return std::ranges::max(in_rows(width - 1 - i)) <= 1 + half_pixel; }),
		.bottom = first_known(height,
				      [&](int i) { return std::ranges::max(in_columns(height - 1 - i)) <= lowest; })};
}

void PlateFollower::clear_unknown(const Picture &result, View view)
{
	const bool is_matte = view == View::result || view == View::alpha;
	if (!is_matte || margins_.left + margins_.top + margins_.right + margins_.bottom == 0)
		return;
	const Picture cleared = here(result, 0, 1, 1);
	clear_margins(cleared, view);
	if (result.device != Device::cpu)
		remote_.write(cleared, result);
}

// Who reaches in from where the plate is known is seen on for a small way; farther out it may as well be the room.
void PlateFollower::clear_margins(const Picture &result, View view) const
{
	const int alpha = view == View::alpha ? 0 : 3; // the channel
	const auto &[left, top, right, bottom] = margins_;
	const int farthest = static_cast<int>(farthest_from_plate * result.width);
	for (int y = 0; y < result.height; y++) {
		const int known_y = std::clamp(y, top, result.height - 1 - bottom);
		uint8_t *row = result.pixels + y * result.pitch;
		const uint8_t *known_row = result.pixels + known_y * result.pitch;
		for (int x = 0; x < result.width; x++) {
			if (x == left && y == known_y)
				x = result.width - right; // the middle is known
			if (x >= result.width)
				break;
			const int known_x = std::clamp(x, left, result.width - 1 - right);
			const bool is_near = std::max(std::abs(x - known_x), std::abs(y - known_y)) <= farthest;
			const uint8_t most = is_near ? known_row[4 * known_x + alpha] : uint8_t{0};
			uint8_t *pixel = row + 4 * x;
			pixel[alpha] = std::min(pixel[alpha], most);
			if (view == View::alpha || pixel[alpha] == 0)
				std::fill_n(pixel, 3, view == View::alpha ? pixel[0] : uint8_t{0});
		}
	}
}

std::optional<double> PlateFollower::fit() const
{
	return target_ && target_->is_textured() ? std::optional(fit_) : std::nullopt;
}

double PlateFollower::unseen() const
{
	const double rows = given_.height - margins_.top - margins_.bottom,
		     columns = given_.width - margins_.left - margins_.right;
	return 1 - rows * columns / (1.0 * given_.height * given_.width);
}

double PlateFollower::movement() const
{
	return used_.frame_of_plate.movement(height_in_widths(given_)) * given_.width;
}

} // namespace matting
