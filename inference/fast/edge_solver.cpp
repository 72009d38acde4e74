// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_edges.hpp"
#include "edge_masks.hpp"
#include "edge_pyramid.hpp"
#include "edge_rows.hpp"

#include "inference/edge_solver.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <vector>

namespace matting {
namespace {

using namespace cpu;

class CpuEdgeSolver : public EdgeSolver {
public:
	void set_plate(const Picture &plate) override { plate_ = plate; }
	void solve(const Picture &source, const Picture &result, float strength) override
	{
		if (!find_band(source, result))
			return;
		const int width = result.width, height = result.height;
		const size_t pixels = size_t{1} * width * height;
		changes_.resize(std::max(changes_.size(), pixels));
		noise_.resize(std::max(noise_.size(), pixels));
		const auto row = [&](std::vector<float> &of, int y) {
			return of.data() + size_t{1} * std::clamp(y, 0, height - 1) * width;
		};
		for_rows(height, [&](int y) { clear_around_band(row(changes_, y), y, width); });
		const auto for_changes = [&](void (*action)(const EdgeSpan &)) {
			for_spans(source, result, [&](EdgeSpan &span, int x, int y) {
				span.strength = strength;
				span.change = row(changes_, y) + x;
				span.noise = row(noise_, y) + x;
				for (int i = -edge_around_pixels; i <= edge_around_pixels; i++)
					span.changes[i + edge_around_pixels] = row(changes_, y + i);
				span.x = x;
				span.width = width;
				action(span);
			});
		};
		for_changes(kernels_.solve);
		for_changes(kernels_.settle);
	}
	void look(const Picture &source, const Picture &result, const EdgeFeatures &visit) override
	{
		if (find_band(source, result))
			for_spans(source, result, [&](EdgeSpan &span, int x, int y) {
				std::array<float, size_t{EdgeNetwork::features} * cell_size * edge_span> features;
				span.features = features.data();
				kernels_.solve(span);
				visit(x, y, span.count, features.data(), cell_size * edge_span);
			});
	}

private:
	/// No changes in a row of pixels, where none are found but some are looked at.
	void clear_around_band(float *changes, int y, int width) const
	{
		const uint8_t *band = band_.row(y / cell_size), *near = near_band_.row(y / cell_size);
		for (int cell = 0; cell < band_.width; cell++)
			if (near[cell] && !band[cell])
				std::fill(changes + cell_size * cell, changes + std::min(cell_size * (cell + 1), width),
					  0.0f);
	}
	bool find_band(const Picture &source, const Picture &result);
	bool classify(const Picture &result);
	void find_holes(const Picture &source, const Picture &result);
	void gather(const Picture &source, const Picture &result);
	void fill_levels();
	template<typename Action> void for_spans(const Picture &source, const Picture &result, const Action &action);
	EdgeLevel &level(int number, int height, int width);

	const EdgeKernels &kernels_ = edge_kernels(chosen_instruction_set());
	Picture plate_;
	Spreading spreading_;
	Mask lowest_, highest_;             // alpha
	Mask soft_, visible_, open_, hole_; // cells with something soft, visible, not solid; solid ones that look clear
	Mask near_soft_, near_visible_;     // and what lies around them
	Mask near_hole_, band_, near_band_;
	Mask alike_, near_alike_; // cells that are visible, and may show the plate
	std::vector<EdgeTexture> textures_;
	std::vector<float> guessed_, through_;
	EdgeSights sights_{};
	std::atomic<bool> has_holes_ = false;
	std::array<std::vector<EdgeCell>, edge_levels> cells_;
	std::array<EdgeLevel, edge_levels> levels_{};
	std::vector<EdgeLook> looks_;
	std::vector<float> changes_, noise_; // of each pixel, where the band is and around it
};

EdgeLevel &CpuEdgeSolver::level(int number, int height, int width)
{
	cells_[number].resize(size_t{1} * height * width);
	return levels_[number] = {cells_[number].data(), height, width};
}

/// What cells there are. False: nothing is visible.
bool CpuEdgeSolver::classify(const Picture &result)
{
	const int height = (result.height + cell_size - 1) / cell_size,
		  width = (result.width + cell_size - 1) / cell_size, whole = result.width / cell_size;
	for (Mask *mask : {&lowest_, &highest_, &soft_, &visible_, &open_, &hole_})
		mask->resize(height, width);
	std::atomic<bool> is_visible = false;
	for_rows(height, [&](int y) {
		const EdgeRows rows = rows_of(result, result, result, y);
		uint8_t *lowest = lowest_.row(y), *highest = highest_.row(y);
		kernels_.extremes(rows, whole, lowest, highest);
		if (whole < width)
			kernels_.extremes(LastCell(rows, whole, result.width).rows(), 1, lowest + whole,
					  highest + whole);
		uint8_t any = 0;
		for (int x = 0; x < width; x++) {
			const uint8_t visible = highest[x] > edge_clear, open = lowest[x] < edge_solid;
			visible_.row(y)[x] = visible;
			open_.row(y)[x] = open;
			soft_.row(y)[x] = visible & open;
			any |= visible;
		}
		if (any)
			is_visible = true;
	});
	return is_visible;
}

/// What shows the plate becomes soft.
void CpuEdgeSolver::find_holes(const Picture &source, const Picture &result)
{
	const int height = visible_.height, width = visible_.width, whole = result.width / cell_size;
	const size_t cells = visible_.cells.size();
	textures_.resize(cells);
	guessed_.resize(cells);
	through_.resize(cells);
	sights_ = {textures_.data(), guessed_.data(), through_.data(), height, width};
	alike_.resize(height, width);
	for_rows(height, [&](int y) {
		const EdgeRows rows = rows_of(source, plate_, result, y);
		kernels_.alike(rows, whole, visible_.row(y), alike_.row(y));
		if (whole < width)
			kernels_.alike(LastCell(rows, whole, result.width).rows(), 1, visible_.row(y) + whole,
				       alike_.row(y) + whole);
	});
	spreading_.spread(alike_, 1, near_alike_);
	has_holes_ = false;
	for_rows(height, [&](int y) {
		const EdgeRows rows = rows_of(source, plate_, result, y);
		EdgeTexture *to = textures_.data() + size_t{1} * y * width;
		for (int x = 0; x < width; x++) {
			if (!near_alike_.row(y)[x])
				continue;
			if (x < whole)
				kernels_.texture(rows, x, to[x]);
			else
				kernels_.texture(LastCell(rows, x, result.width).rows(), 0, to[x]);
		}
	});
	for_rows(height, [&](int y) { kernels_.guess_row(sights_, y, alike_.row(y)); });
	for_rows(height, [&](int y) {
		kernels_.through_row(sights_, y);
		const float *through = through_.data() + size_t{1} * y * width;
		float most = 0;
		for (int x = 0; x < width; x++) {
			most = std::max(most, through[x]);
			if (through[x] > edge_sure)
				soft_.row(y)[x] = open_.row(y)[x] = 1;
		}
		if (most > 0)
			has_holes_ = true;
	});
}

void CpuEdgeSolver::gather(const Picture &source, const Picture &result)
{
	level(0, open_.height, open_.width);
	for_rows(open_.height, [&](int y) {
		const EdgeRows rows = rows_of(source, plate_, result, y);
		EdgeCell *cells = levels_[0].cells + size_t{1} * y * open_.width;
		for (int x = 0; x < open_.width; x++) {
			const bool is_solid = !open_.row(y)[x];
			hole_.row(y)[x] = 0;
			if (!is_solid && !near_soft_.row(y)[x]) {
				cells[x] = {};
				continue;
			}
			const bool is_whole = cell_size * (x + 1) <= result.width;
			const auto sum = [&](const EdgeRows &from, int cell) {
				return kernels_.sum(from, cell, is_solid, !near_visible_.row(y)[x], cells[x]);
			};
			const float fault = is_whole ? sum(rows, x) : sum(LastCell(rows, x, result.width).rows(), 0);
			hole_.row(y)[x] =
				is_solid && (fault < edge_hole || cells[x].values[EdgeCell::seen] > edge_seen);
			const float covered = 1 - through_[size_t{1} * y * open_.width + x];
			cells[x].values[EdgeCell::alpha] *= covered;
			cells[x].values[EdgeCell::seen] *= covered;
		}
	});
}

void CpuEdgeSolver::fill_levels()
{
	for (int i = 1; i < edge_levels; i++) {
		const EdgeLevel &from = levels_[i - 1];
		EdgeLevel &to = level(i, (from.height + 1) / 2, (from.width + 1) / 2);
		for_rows(to.height, [&](int y) { kernels_.halve_row(from, y, to); });
	}
	for (int i = edge_levels - 1; i >= 0; i--) {
		const EdgeLevel coarser = i + 1 < edge_levels ? levels_[i + 1] : EdgeLevel{nullptr, 1, 1};
		for_rows(levels_[i].height, [&](int y) { // of the finest, only what is looked at
			kernels_.fill_row(levels_[i], coarser, y, i == 0 ? near_band_.row(y) : nullptr);
		});
	}
}

/// False: there is none.
bool CpuEdgeSolver::find_band(const Picture &source, const Picture &result)
{
	if (!classify(result))
		return false;
	find_holes(source, result);
	spreading_.spread(soft_, edge_sight, near_soft_);
	spreading_.spread(visible_, 2, near_visible_);
	gather(source, result);
	spreading_.spread(soft_, edge_reach, band_);
	spreading_.spread(hole_, 1, near_hole_);
	bool any = false;
	for (size_t i = 0; i < band_.cells.size(); i++)
		any |= (band_.cells[i] |= near_hole_.cells[i]) != 0;
	if (!any)
		return false;
	spreading_.spread(band_, 1, near_band_);
	fill_levels();
	looks_.resize(band_.cells.size());
	for_rows(band_.height, [&](int y) {
		kernels_.look_row(levels_.data(), sights_, y, near_band_.row(y),
				  looks_.data() + size_t{1} * y * band_.width);
	});
	return true;
}

template<typename Action>
void CpuEdgeSolver::for_spans(const Picture &source, const Picture &result, const Action &action)
{
	for_rows(result.height, [&](int y) {
		const uint8_t *band = band_.row(y / cell_size);
		const float at = (static_cast<float>(y) + 0.5f) / cell_size - 0.5f;
		const int upper = at < 0 ? -1 : static_cast<int>(at);
		EdgeSpan span{};
		span.upper = looks_.data() + size_t{1} * std::max(upper, 0) * band_.width;
		span.lower = looks_.data() + size_t{1} * std::min(upper + 1, band_.height - 1) * band_.width;
		span.share = at - static_cast<float>(upper);
		span.cells = band_.width;
		span.network = &edge_network;
		span.has_holes = has_holes_;
		for (int first = 0, last; first < band_.width; first = last) {
			last = first + 1;
			if (!band[first])
				continue;
			while (last < band_.width && last < first + edge_span && band[last])
				last++;
			const int x = cell_size * first;
			span.cell = first;
			span.count = std::min(cell_size * last, result.width) - x;
			span.source = source.pixels + y * source.pitch + std::ptrdiff_t{4} * x;
			span.plate = plate_.pixels + y * plate_.pitch + std::ptrdiff_t{4} * x;
			span.matte = result.pixels + y * result.pitch + std::ptrdiff_t{4} * x;
			action(span, x, y);
		}
	});
}

} // namespace

std::unique_ptr<EdgeSolver> make_flat_edge_solver()
{
	return std::make_unique<CpuEdgeSolver>();
}

} // namespace matting
