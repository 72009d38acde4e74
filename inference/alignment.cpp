// SPDX-License-Identifier: GPL-2.0-or-later
#include "alignment.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace matting {
namespace {

constexpr int coarsest_width = 40;
constexpr size_t most_points = 12'000;
constexpr float least_gradient = 4; // levels a pixel: noise has less, once it is averaged
constexpr int parameters = 10;      // shift 2, zoom and turn 2, shear 2, perspective 2, gain, offset

void halve(const Grey &picture, Grey &result)
{
	result.width = picture.width / 2;
	result.height = picture.height / 2;
	result.values.resize(size_t(1) * result.width * result.height);
	float *to = result.values.data();
	for (int y = 0; y < result.height; y++) {
		const float *upper = &picture.values[size_t(2) * y * picture.width], *lower = upper + picture.width;
		for (int x = 0; x < result.width; x++, upper += 2, lower += 2)
			*to++ = (upper[0] + upper[1] + lower[0] + lower[1]) / 4;
	}
}

// Bilinear, at pixel coordinates; false outside.
bool sample(const Grey &picture, double x, double y, float &value)
{
	if (!(x >= 0 && y >= 0 && x <= picture.width - 1.001 && y <= picture.height - 1.001))
		return false;
	const int left = static_cast<int>(x), top = static_cast<int>(y);
	const auto right = static_cast<float>(x - left), down = static_cast<float>(y - top);
	const float *upper = &picture.values[size_t(1) * top * picture.width + left], *lower = upper + picture.width;
	value = (upper[0] * (1 - right) + upper[1] * right) * (1 - down) +
		(lower[0] * (1 - right) + lower[1] * right) * down;
	return true;
}

// Where a point of the plate lies in the frame, in its pixels.
std::array<double, 2> pixel_of(const Homography &homography, double x, double y, int width, int height)
{
	const auto [frame_x, frame_y] = homography({x, y});
	return {(frame_x + 1) * width / 2 - 0.5, frame_y * width / 2 + 0.5 * height - 0.5};
}

using Vector = std::array<double, parameters>;
using Matrix = std::array<Vector, parameters>;

// By Cholesky; the matrix is symmetric and made positive definite.
Vector solve(Matrix a, Vector b, int count)
{
	for (int i = 0; i < count; i++)
		a[i][i] += 1e-4 * a[i][i] + 1e-6;
	for (int i = 0; i < count; i++) {
		for (int j = 0; j <= i; j++) {
			double sum = a[i][j];
			for (int k = 0; k < j; k++)
				sum -= a[i][k] * a[j][k];
			a[i][j] = i == j ? std::sqrt(std::max(sum, 1e-12)) : sum / a[j][j];
		}
		for (int k = 0; k < i; k++)
			b[i] -= a[i][k] * b[k];
		b[i] /= a[i][i];
	}
	for (int i = count - 1; i >= 0; i--) {
		for (int k = i + 1; k < count; k++)
			b[i] -= a[k][i] * b[k];
		b[i] /= a[i][i];
	}
	return b;
}

Homography small_movement(const Vector &d)
{
	return {{1 + d[4] + d[6], d[7] - d[5], d[2], d[5], 1 + d[4], d[3], d[8], d[9], 1}};
}

} // namespace

Homography Homography::operator*(const Homography &first) const
{
	Homography result;
	for (int row = 0; row < 3; row++)
		for (int column = 0; column < 3; column++) {
			double sum = 0;
			for (int k = 0; k < 3; k++)
				sum += m[3 * row + k] * first.m[3 * k + column];
			result.m[3 * row + column] = sum;
		}
	const double last = result.m[8];
	for (double &value : result.m)
		value /= last;
	return result;
}

Homography Homography::inverse() const
{
	const auto &[a, b, c, d, e, f, g, h, i] = m;
	Homography result{{e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f,
			   d * h - e * g, b * g - a * h, a * e - b * d}};
	const double last = result.m[8];
	for (double &value : result.m)
		value /= last;
	return result;
}

double Homography::movement(double height_in_widths) const
{
	double longest = 0;
	for (const double x : {-1.0, 1.0})
		for (const double y : {-height_in_widths, height_in_widths}) {
			const auto [to_x, to_y] = (*this)({x, y});
			const double way = std::hypot(to_x - x, to_y - y) / 2;
			longest = std::isfinite(way) ? std::max(longest, way) : 1e9;
		}
	return longest;
}

AlignmentTarget::AlignmentTarget(Grey plate)
{
	levels_.push_back(make_level(plate));
	for (Grey smaller; plate.width >= 2 * coarsest_width; std::swap(plate, smaller)) {
		halve(plate, smaller);
		levels_.push_back(make_level(smaller));
	}
}

AlignmentTarget::Level AlignmentTarget::make_level(const Grey &plate)
{
	Level level{plate.width, plate.height, {}};
	for (int y = 1; y < plate.height - 1; y++)
		for (int x = 1; x < plate.width - 1; x++) {
			const float *at = &plate.values[size_t(1) * y * plate.width + x];
			const float across = (at[1] - at[-1]) / 2, down = (at[plate.width] - at[-plate.width]) / 2;
			if (std::hypot(across, down) < least_gradient)
				continue;
			const auto unit = static_cast<float>(plate.width) / 2; // pixels
			level.points.push_back(
				{(static_cast<float>(x) + 0.5f) / unit - 1,
				 (static_cast<float>(y) + 0.5f - 0.5f * static_cast<float>(plate.height)) / unit, *at,
				 across * unit, down * unit});
		}
	// Every so many of them, if there are too many.
	const size_t every = level.points.size() / most_points + 1;
	for (size_t i = 0; i * every < level.points.size(); i++)
		level.points[i] = level.points[i * every];
	level.points.resize((level.points.size() + every - 1) / every);
	return level;
}

// One Gauss-Newton step. `scale`: of the differences that are trusted. False: it has moved next to nothing.
bool AlignmentTarget::step(const Level &level, const Grey &frame, double scale, bool is_projective,
			   Alignment &alignment)
{
	const int count = is_projective ? parameters : 6;
	Matrix normal{};
	Vector right{};
	for (const Point &point : level.points) {
		const auto [x, y] = pixel_of(alignment.frame_of_plate, point.x, point.y, level.width, level.height);
		float value;
		if (!sample(frame, x, y, value))
			continue;
		const double difference = alignment.gain * value + alignment.offset - point.value;
		const double ratio = difference / scale, trust = 1 / (1 + ratio * ratio), weight = trust * trust;
		const double along = point.gradient_x * point.x + point.gradient_y * point.y;
		const Vector slope{point.value,
				   1,
				   point.gradient_x,
				   point.gradient_y,
				   along,
				   point.gradient_y * point.x - point.gradient_x * point.y,
				   point.gradient_x * point.x,
				   point.gradient_x * point.y,
				   -along * point.x,
				   -along * point.y};
		for (int i = 0; i < count; i++) {
			const double weighted = weight * slope[i];
			right[i] -= weighted * difference;
			for (int j = 0; j <= i; j++)
				normal[i][j] += weighted * slope[j];
		}
	}
	Vector d = solve(normal, right, count);
	std::fill(d.begin() + count, d.end(), 0);
	const Homography movement = small_movement(d);
	alignment.frame_of_plate = alignment.frame_of_plate * movement;
	alignment.gain *= 1 + d[0];
	alignment.offset = (1 + d[0]) * alignment.offset + d[1];
	constexpr double pixels = 0.01;
	return movement.movement(static_cast<double>(level.height) / level.width) * level.width > pixels;
}

void AlignmentTarget::halve_all(const Grey &frame, size_t sizes, std::vector<Grey> &smaller) const
{
	smaller.resize(levels_.size() - 1);
	for (size_t i = 1; i < sizes; i++)
		halve(i == 1 ? frame : smaller[i - 2], smaller[i - 1]);
}

Alignment AlignmentTarget::align(const Grey &frame, Alignment alignment, bool far, std::vector<Grey> &smaller) const
{
	const size_t sizes = far ? levels_.size() : 1;
	halve_all(frame, sizes, smaller);
	constexpr int most_steps = 10;
	for (size_t i = sizes; i-- > 0;) {
		const bool is_coarse = i >= 2, is_first = far && i + 1 == sizes;
		for (const double scale : {is_first ? 40.0 : 20.0, is_first ? 20.0 : 10.0})
			for (int steps = 0; steps < most_steps; steps++)
				if (!step(levels_[i], i == 0 ? frame : smaller[i - 1], scale, !is_coarse, alignment))
					break;
	}
	return alignment;
}

// How much of the plate a small frame shows, shifted by so many of its pixels. `every` so many points are looked at.
double AlignmentTarget::shifted_score(const Level &level, const Grey &frame, const Alignment &light, int across,
				      int down, size_t every)
{
	constexpr double scale = 20; // as in `align`
	const auto unit = static_cast<float>(level.width) / 2;
	double sum = 0;
	size_t looks = 0, seen = 0;
	for (size_t i = 0; i < level.points.size(); i += every, looks++) {
		const Point &point = level.points[i];
		const int x = static_cast<int>((point.x + 1) * unit) + across;
		const int y = static_cast<int>(point.y * unit + 0.5f * static_cast<float>(level.height)) + down;
		if (x < 0 || y < 0 || x >= frame.width || y >= frame.height)
			continue;
		const double value = frame.values[size_t(1) * y * frame.width + x];
		const double ratio = (light.gain * value + light.offset - point.value) / scale;
		sum += 1 / (1 + ratio * ratio);
		seen++;
	}
	return sum / static_cast<double>(std::max(seen, looks / 2 + 1));
}

// All shifts by whole pixels of the smallest pictures: there are a few hundred.
Alignment AlignmentTarget::shifted(const Grey &frame, const Alignment &light, std::vector<Grey> &smaller) const
{
	constexpr int most_looks = 600;
	halve_all(frame, levels_.size(), smaller);
	const Grey &small = levels_.size() == 1 ? frame : smaller.back();
	const Level &level = levels_.back();
	const int reach = level.width / 4, reach_down = std::min(reach, level.height / 3);
	const size_t every = level.points.size() / most_looks + 1;
	Alignment best = light;
	double best_score = 0;
	for (int down = -reach_down; down <= reach_down; down++)
		for (int across = -reach; across <= reach; across++) {
			const double score = shifted_score(level, small, light, across, down, every);
			if (score <= best_score)
				continue;
			best_score = score;
			best.frame_of_plate = {
				{1, 0, 2.0 * across / level.width, 0, 1, 2.0 * down / level.width, 0, 0, 1}};
		}
	return best;
}

// Of the points of the plate that the frame has at pixels that are chosen.
template<typename Choice>
AlignmentTarget::Count AlignmentTarget::count(const Grey &frame, const Alignment &alignment, const Choice &choice) const
{
	const Level &level = levels_.front();
	Count count;
	for (const Point &point : level.points) {
		const auto [x, y] = pixel_of(alignment.frame_of_plate, point.x, point.y, level.width, level.height);
		float value;
		if (!sample(frame, x, y, value) || !choice(x, y))
			continue;
		count.seen++;
		count.fitting += std::abs(alignment.gain * value + alignment.offset - point.value) < fitting_levels;
	}
	return count;
}

double AlignmentTarget::fit(const Grey &frame, const Alignment &alignment) const
{
	const auto [seen, fitting] = count(frame, alignment, [](double, double) { return true; });
	// What has gone out of the picture cannot fit.
	const size_t all = std::max(seen, levels_.front().points.size() / 2);
	return seen == 0 ? 0 : static_cast<double>(fitting) / static_cast<double>(all);
}

std::optional<double> AlignmentTarget::visible_fit(const Grey &frame, const Alignment &alignment,
						   const std::vector<uint8_t> &hidden) const
{
	const auto [seen, fitting] = count(frame, alignment, [&](double x, double y) {
		return !hidden[static_cast<size_t>(y + 0.5) * frame.width + static_cast<size_t>(x + 0.5)];
	});
	constexpr size_t least = 100;
	if (seen < least)
		return std::nullopt;
	return static_cast<double>(fitting) / static_cast<double>(seen);
}

} // namespace matting
