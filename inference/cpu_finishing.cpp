// SPDX-License-Identifier: GPL-2.0-or-later
#include "bitmap.hpp"
#include "edge_solver.hpp"
#include "finishing_steps.hpp"
#include "parallel.hpp"

#include <algorithm>

namespace matting {
namespace {

template<typename Action> void for_rows(int height, const Action &action)
{
	constexpr int together = 32;
	parallel_rows(height, together, action);
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

class CpuFinishing : public FinishingSteps {
public:
	void set_plate(const Picture &plate) override { solver_->set_plate(plate); }
	void keep(const Picture &source) override;
	void solve(const Picture &picture, double strength) override
	{
		solver_->solve(kept_.picture(), picture, static_cast<float>(strength));
	}
	void begin(const Picture &picture, const std::array<uint8_t, 256> &levels) override;
	void grow(const Picture &picture, bool square) override;
	void shrink(bool square) override;
	void mix(uint32_t share) override;
	void set_aside() override { aside_ = alpha_; }
	void average(const std::vector<uint32_t> &weights) override;
	void limit() override;
	void end(const Picture &picture, View view, bool kept) override;

private:
	uint8_t *row_of(std::vector<uint8_t> &plane, int y) const { return plane.data() + size_t{1} * y * width_; }
	Neighbours neighbours(int y)
	{
		const uint8_t *row = row_of(alpha_, y);
		return {y > 0 ? row - width_ : row, row, y + 1 < height_ ? row + width_ : row, width_ - 1};
	}
	void average(const std::vector<uint32_t> &weights, std::vector<uint8_t> &in, std::vector<uint8_t> &out,
		     bool in_columns);

	std::unique_ptr<EdgeSolver> solver_ = make_edge_solver();
	Bitmap kept_;
	std::vector<uint8_t> alpha_, before_, aside_;
	int width_ = 0, height_ = 0;
};

void CpuFinishing::keep(const Picture &source)
{
	if (kept_.width != source.width || kept_.height != source.height)
		kept_ = Bitmap(source.width, source.height);
	const size_t row = size_t{4} * source.width;
	for_rows(source.height,
		 [&](int y) { std::copy_n(source.pixels + y * source.pitch, row, kept_.pixels.data() + row * y); });
}

void CpuFinishing::begin(const Picture &picture, const std::array<uint8_t, 256> &levels)
{
	width_ = picture.width;
	height_ = picture.height;
	alpha_.resize(size_t{1} * width_ * height_);
	before_.resize(alpha_.size());
	for_rows(height_, [&](int y) {
		const uint8_t *row = picture.pixels + y * picture.pitch;
		uint8_t *to = row_of(alpha_, y);
		for (int x = 0; x < width_; x++)
			to[x] = levels[row[4 * x + 3]];
	});
}

void CpuFinishing::grow(const Picture &picture, bool square)
{
	for_rows(height_, [&](int y) {
		const Neighbours from = neighbours(y);
		uint8_t *to = row_of(before_, y);
		pick_row(
			from, square, [](uint8_t a, uint8_t b) { return std::max(a, b); }, to);
		for (int x = 0; x < width_; x++) {
			if (from.row[x] != 0 || to[x] == 0)
				continue;
			uint8_t *pixel = picture.pixels + y * picture.pitch + 4 * x;
			const uint8_t *found = pixel;
			for (int i = 0; i < 9 && found == pixel; i++) {
				const int column = std::clamp(x + i % 3 - 1, 0, width_ - 1);
				const int row = std::clamp(y + i / 3 - 1, 0, height_ - 1);
				if (row_of(alpha_, row)[column] == to[x] && (square || i % 2 == 1))
					found = picture.pixels + row * picture.pitch + 4 * column;
			}
			std::copy_n(found, 3, pixel);
		}
	});
	alpha_.swap(before_);
}

void CpuFinishing::shrink(bool square)
{
	for_rows(height_, [&](int y) {
		pick_row(
			neighbours(y), square, [](uint8_t a, uint8_t b) { return std::min(a, b); }, row_of(before_, y));
	});
	alpha_.swap(before_);
}

void CpuFinishing::mix(uint32_t share)
{
	for (size_t i = 0; i < alpha_.size(); i++)
		alpha_[i] = static_cast<uint8_t>((share * alpha_[i] + (256 - share) * before_[i] + 128) >> 8);
}

// Beyond the picture its edge goes on.
void CpuFinishing::average(const std::vector<uint32_t> &weights, std::vector<uint8_t> &in, std::vector<uint8_t> &out,
			   bool in_columns)
{
	const int reach = static_cast<int>(weights.size() / 2);
	for_rows(height_, [&](int y) {
		std::vector<uint32_t> sums(width_, 128);
		for (int i = -reach; i <= reach; i++) {
			const uint32_t weight = weights[static_cast<size_t>(i + reach)];
			const uint8_t *row = row_of(in, in_columns ? std::clamp(y + i, 0, height_ - 1) : y);
			const int first = in_columns ? 0 : std::clamp(-i, 0, width_), shift = in_columns ? 0 : i;
			const int last = in_columns ? width_ : std::clamp(width_ - i, first, width_);
			for (int x = 0; x < first; x++)
				sums[x] += weight * row[0];
			for (int x = first; x < last; x++)
				sums[x] += weight * row[x + shift];
			for (int x = last; x < width_; x++)
				sums[x] += weight * row[width_ - 1];
		}
		uint8_t *to = row_of(out, y);
		for (int x = 0; x < width_; x++)
			to[x] = static_cast<uint8_t>(sums[x] >> 8);
	});
}

void CpuFinishing::average(const std::vector<uint32_t> &weights)
{
	average(weights, aside_, before_, /*in_columns=*/false);
	average(weights, before_, alpha_, /*in_columns=*/true);
}

void CpuFinishing::limit()
{
	for_rows(height_, [&](int y) {
		const uint8_t *kept = kept_.pixels.data() + size_t{4} * y * width_;
		uint8_t *plane = row_of(alpha_, y);
		for (int x = 0; x < width_; x++)
			plane[x] = std::min(plane[x], kept[4 * x + 3]);
	});
}

void CpuFinishing::end(const Picture &picture, View view, bool kept)
{
	for_rows(height_, [&](int y) {
		uint8_t *row = picture.pixels + y * picture.pitch;
		const uint8_t *colours = kept ? kept_.pixels.data() + size_t{4} * y * width_ : row;
		const uint8_t *plane = row_of(alpha_, y);
		for (int x = 0; x < width_; x++) {
			const uint8_t alpha = plane[x];
			for (int c = 0; c < 3; c++)
				row[4 * x + c] = view == View::alpha ? alpha
						 : alpha > 0         ? colours[4 * x + c]
								     : uint8_t{0};
			row[4 * x + 3] = view == View::alpha ? 255 : alpha;
		}
	});
}

} // namespace

std::unique_ptr<FinishingSteps> make_cpu_finishing()
{
	return std::make_unique<CpuFinishing>();
}

} // namespace matting
