// SPDX-License-Identifier: GPL-2.0-or-later
#include "finishing.hpp"

#include <array>
#include <cmath>
#include <functional>

#include <ATen/Parallel.h>

namespace matting {
namespace {

constexpr int64_t rows_per_task = 32;

void for_rows(int height, const std::function<void(int)> &action)
{
	at::parallel_for(0, height, rows_per_task, [&](int64_t begin, int64_t end) {
		for (int64_t y = begin; y < end; y++)
			action(static_cast<int>(y));
	});
}

uint8_t to_byte(double value)
{
	return static_cast<uint8_t>(std::lround(255 * std::clamp(value, 0.0, 1.0)));
}

// What alpha becomes, by its byte. Points that have met, or passed each other, make a step.
std::array<uint8_t, 256> levels(double black, double white)
{
	const double range = std::max(white - black, 1e-3);
	std::array<uint8_t, 256> table{};
	for (size_t i = 0; i < table.size(); i++)
		table[i] = to_byte((static_cast<double>(i) / 255 - black) / range);
	return table;
}

// The row itself at the upper and lower edge, and the pixel itself at the left and right one.
struct Neighbours {
	const uint8_t *above, *row, *below;
	int last;

	template<typename Pick> uint8_t pick(int x, bool square, const Pick &better) const
	{
		const int left = std::max(x - 1, 0), right = std::min(x + 1, last);
		uint8_t best = better(better(row[left], row[right]), better(row[x], better(above[x], below[x])));
		if (square)
			best = better(best,
				      better(better(above[left], above[right]), better(below[left], below[right])));
		return best;
	}
};

template<typename Pick> void pick_row(const Neighbours &from, bool square, const Pick &better, uint8_t *to)
{
	to[0] = from.pick(0, square, better);
	for (int x = 1; x < from.last; x++) { // without conditions, so that it is done many at a time
		const uint8_t cross = better(better(from.row[x - 1], from.row[x + 1]),
					     better(from.row[x], better(from.above[x], from.below[x])));
		const uint8_t corners = better(better(from.above[x - 1], from.above[x + 1]),
					       better(from.below[x - 1], from.below[x + 1]));
		to[x] = square ? better(cross, corners) : cross;
	}
	to[from.last] = from.pick(from.last, square, better);
}

// A triangle as wide as that to each side; its sum is 256.
std::vector<uint32_t> triangle(double radius)
{
	const int reach = static_cast<int>(std::ceil(radius));
	std::vector<double> weights;
	double sum = 0;
	for (int i = -reach; i <= reach; i++)
		sum += weights.emplace_back(std::max(0.0, 1 - std::abs(i) / (radius + 1)));
	std::vector<uint32_t> result;
	uint32_t total = 0;
	for (const double weight : weights)
		total += result.emplace_back(static_cast<uint32_t>(std::lround(256 * weight / sum)));
	result[static_cast<size_t>(reach)] += 256 - total;
	return result;
}

} // namespace

bool wants_finishing(const Picture &source, const Picture &result, View view, const Options &options)
{
	return (view == View::result || view == View::alpha) && source.device == Device::cpu &&
	       result.device == Device::cpu && !is_neutral(options);
}

void Finisher::begin(const Picture &source, const Options &options)
{
	if (options.edge_colour == EdgeColour::camera)
		source_.emplace(source);
	else
		source_.reset();
}

// One pixel outwards. What was transparent takes the colour of the neighbour that it has its alpha of.
void Finisher::grow(const Picture &result, bool square)
{
	const auto neighbours = [&](int y) -> Neighbours {
		const uint8_t *row = alpha_.data() + size_t{1} * y * width_;
		return {y > 0 ? row - width_ : row, row, y + 1 < height_ ? row + width_ : row, width_ - 1};
	};
	for_rows(height_, [&](int y) {
		const Neighbours from = neighbours(y);
		uint8_t *to = other_.data() + size_t{1} * y * width_;
		pick_row(
			from, square, [](uint8_t a, uint8_t b) { return std::max(a, b); }, to);
		for (int x = 0; x < width_; x++) {
			if (from.row[x] != 0 || to[x] == 0)
				continue;
			uint8_t *pixel = result.pixels + y * result.pitch + 4 * x;
			const uint8_t *found = pixel;
			for (int i = 0; i < 9 && found == pixel; i++) {
				const int column = std::clamp(x + i % 3 - 1, 0, width_ - 1);
				const int row = std::clamp(y + i / 3 - 1, 0, height_ - 1);
				if (alpha_[size_t{1} * row * width_ + column] == to[x] && (square || i % 2 == 1))
					found = result.pixels + row * result.pitch + 4 * column;
			}
			std::copy_n(found, 3, pixel);
		}
	});
	alpha_.swap(other_);
}

void Finisher::shrink(bool square)
{
	for_rows(height_, [&](int y) {
		const uint8_t *row = alpha_.data() + size_t{1} * y * width_;
		const Neighbours from{y > 0 ? row - width_ : row, row, y + 1 < height_ ? row + width_ : row,
				      width_ - 1};
		pick_row(
			from, square, [](uint8_t a, uint8_t b) { return std::min(a, b); },
			other_.data() + size_t{1} * y * width_);
	});
	alpha_.swap(other_);
}

// By whole pixels, crosses and squares in turns, which is nearly round; and the rest as a mixture of two of these.
void Finisher::shift(const Picture &result, double pixels)
{
	const auto step = [&](int number) {
		pixels > 0 ? grow(result, number % 2 == 1) : shrink(number % 2 == 1);
	};
	const int whole = static_cast<int>(std::abs(pixels));
	for (int i = 0; i < whole; i++)
		step(i);
	const auto share = static_cast<uint32_t>(std::lround(256 * (std::abs(pixels) - whole)));
	if (share == 0)
		return;
	step(whole); // `other_` is what was before
	for (size_t i = 0; i < alpha_.size(); i++)
		alpha_[i] = static_cast<uint8_t>((share * alpha_[i] + (256 - share) * other_[i] + 128) >> 8);
}

void Finisher::soften(const Picture &result, double pixels)
{
	const std::vector<uint32_t> weights = triangle(pixels);
	const int reach = static_cast<int>(weights.size() / 2);
	const std::vector<uint8_t> sharp = alpha_;
	for (int i = 0; i < reach; i++)
		grow(result, /*square=*/true); // for the colours
	alpha_ = sharp;
	const auto mix = [&](const std::vector<uint8_t> &in, std::vector<uint8_t> &out, bool down) {
		for_rows(height_, [&](int y) {
			std::vector<uint32_t> sums(width_, 128);
			for (int i = -reach; i <= reach; i++) {
				const uint32_t weight = weights[static_cast<size_t>(i + reach)];
				const uint8_t *row =
					in.data() + size_t{1} * width_ * (down ? std::clamp(y + i, 0, height_ - 1) : y);
				const int first = down ? 0 : std::clamp(-i, 0, width_), shift = down ? 0 : i;
				const int last = down ? width_ : std::clamp(width_ - i, first, width_);
				for (int x = 0; x < first; x++)
					sums[x] += weight * row[0];
				for (int x = first; x < last; x++)
					sums[x] += weight * row[x + shift];
				for (int x = last; x < width_; x++)
					sums[x] += weight * row[width_ - 1];
			}
			for (int x = 0; x < width_; x++)
				out[size_t{1} * y * width_ + x] = static_cast<uint8_t>(sums[x] >> 8);
		});
	};
	mix(alpha_, other_, /*down=*/false);
	mix(other_, alpha_, /*down=*/true);
}

void Finisher::finish(const Picture &result, View view, const Options &options)
{
	width_ = result.width;
	height_ = result.height;
	alpha_.resize(size_t{1} * width_ * height_);
	other_.resize(alpha_.size());
	const auto table = levels(options.black_point, options.white_point);
	for_rows(height_, [&](int y) {
		const uint8_t *row = result.pixels + y * result.pitch;
		for (int x = 0; x < width_; x++)
			alpha_[size_t{1} * y * width_ + x] = table[row[4 * x + 3]];
	});
	if (options.edge_shift != 0)
		shift(result, options.edge_shift);
	if (options.edge_softness != 0)
		soften(result, options.edge_softness);
	for_rows(height_, [&](int y) {
		uint8_t *row = result.pixels + y * result.pitch;
		const uint8_t *colours = source_ ? source_->pixels.data() + size_t{4} * y * width_ : row;
		for (int x = 0; x < width_; x++) {
			const uint8_t alpha = alpha_[size_t{1} * y * width_ + x];
			for (int c = 0; c < 3; c++)
				row[4 * x + c] = view == View::alpha ? alpha
						 : alpha > 0         ? colours[4 * x + c]
								     : uint8_t{0};
			row[4 * x + 3] = view == View::alpha ? 255 : alpha;
		}
	});
}

} // namespace matting
