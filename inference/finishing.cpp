// SPDX-License-Identifier: GPL-2.0-or-later
#include "finishing.hpp"

#include <algorithm>
#include <cmath>

namespace matting {
namespace {

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

bool wants_finishing(View view, const Options &options)
{
	return view == View::alpha || // which is the result's, of whatever the source's own alpha leaves
	       (view == View::result && (options.edge_detail > 0 || !is_neutral(options)));
}

void Finisher::begin(const Picture &source, const Options &options)
{
	if (!is_neutral(options) || options.edge_detail > 0)
		steps_->keep(source);
}

// By whole pixels, crosses and squares in turns, which is nearly round; and the rest as a mixture of two of these.
void Finisher::shift(const Picture &result, double pixels)
{
	const auto step = [&](int number) {
		const bool square = number % 2 == 1;
		pixels > 0 ? steps_->grow(result, square) : steps_->shrink(square);
	};
	const int whole = static_cast<int>(std::abs(pixels));
	for (int i = 0; i < whole; i++)
		step(i);
	const auto share = static_cast<uint32_t>(std::lround(256 * (std::abs(pixels) - whole)));
	if (share == 0)
		return;
	step(whole);
	steps_->mix(share);
}

void Finisher::soften(const Picture &result, double pixels)
{
	const std::vector<uint32_t> weights = triangle(pixels);
	steps_->set_aside();
	for (size_t i = 0; i < weights.size() / 2; i++)
		steps_->grow(result, /*square=*/true); // for the colours
	steps_->average(weights);
}

void Finisher::finish(const Picture &result, View view, const Options &options)
{
	if (options.edge_detail > 0)
		steps_->solve(result, options.edge_detail);
	if (view == View::result && is_neutral(options))
		return;
	steps_->begin(result, levels(options.black_point, options.white_point));
	if (options.edge_shift != 0)
		shift(result, options.edge_shift);
	if (options.edge_softness != 0)
		soften(result, options.edge_softness);
	if (!is_neutral(options))
		steps_->limit(); // what the source hides stays hidden
	steps_->end(result, view, options.edge_colour == EdgeColour::camera);
}

} // namespace matting
