// SPDX-License-Identifier: GPL-2.0-or-later
// How errors are measured, on pictures whose errors are known.
#include "inference/training/metrics.hpp"
#include "inference/training/over_time.hpp"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <torch/script.h>

namespace matting::training {
namespace {

// 1 from `begin` to before `end`, else 0.
at::Tensor stripe(int64_t width, int64_t height, int64_t begin, int64_t end)
{
	const at::Tensor x = at::arange(width);
	return (x.ge(begin) & x.lt(end)).to(at::kFloat).expand({1, height, width}).contiguous();
}

at::Tensor left_half(int64_t width, int64_t height)
{
	return stripe(width, height, 0, width / 2);
}

TEST(AlphaError, OfAConstantDifferenceIsThatDifference)
{
	const at::Tensor truth = at::full({1, 40, 60}, 0.5);
	const AlphaError error = alpha_error(truth + 0.1, Truth(truth));
	EXPECT_NEAR(error.mad, 100, 1e-3);
	EXPECT_NEAR(error.mse, 10, 1e-3);
	EXPECT_NEAR(error.gradient, 0, 1e-6);
}

TEST(AlphaError, OfARegionThatIsNowhereIsUnknown)
{
	const at::Tensor nobody = at::zeros({1, 40, 60});
	const Truth truth(nobody);
	const AlphaError error = alpha_error(nobody + 0.1, truth);
	EXPECT_NEAR(error.background_mad, 100, 1e-3);
	for (const double figure : {error.foreground_mad, error.edge_mad, error.edge_mse, error.edge_gradient})
		EXPECT_TRUE(std::isnan(figure)) << figure;
	const at::Tensor grey = at::full({3, 40, 60}, 0.5);
	EXPECT_TRUE(std::isnan(composite_error(nobody, grey, grey, grey, truth)));
	EXPECT_TRUE(std::isnan(alpha_error(nobody, Truth(at::ones({1, 40, 60}))).background_mad));
}

TEST(AlphaError, AtEdgesCountsTheBandOnly)
{
	const at::Tensor truth = left_half(100, 50);
	const at::Tensor band = edge_band(truth);
	EXPECT_EQ(band.sum().item<int64_t>(), 20 * 50);
	EXPECT_TRUE(band.slice(2, 40, 60).all().item<bool>());

	at::Tensor alpha = truth.clone();
	alpha.slice(2, 0, 20).fill_(0.5); // far from the edge
	EXPECT_NEAR(alpha_error(alpha, Truth(truth)).mad, 100, 1e-3);
	EXPECT_EQ(alpha_error(alpha, Truth(truth)).edge_mad, 0);
	alpha = truth.clone();
	alpha.slice(2, 50, 55).fill_(1); // the edge at the wrong place
	const AlphaError error = alpha_error(alpha, Truth(truth));
	EXPECT_NEAR(error.mad, 50, 1e-3);
	EXPECT_NEAR(error.edge_mad, 250, 1e-3);
	EXPECT_GT(error.gradient, 0.01);
	EXPECT_NEAR(error.edge_gradient, error.gradient, error.gradient / 100);
}

// 0.97954: by the 9x9 filters of the literature, which are exp(-x^2 / 2 s^2) times its derivative, over the root of the sum of
// squares, for the 50 lines of a step that was not found.
TEST(AlphaError, OfGradientsIsTheOneOfTheLiterature)
{
	const AlphaError error = alpha_error(at::zeros({1, 50, 100}), Truth(left_half(100, 50)));
	EXPECT_NEAR(error.gradient, 0.97954, 1e-4);
	EXPECT_NEAR(
		alpha_error(at::zeros({1, 100, 50}), Truth(left_half(100, 50).transpose(1, 2).contiguous())).gradient,
		error.gradient, 1e-6);
}

TEST(AlphaError, OfTheTruthIsNothing)
{
	const at::Tensor truth = left_half(64, 64);
	const AlphaError error = alpha_error(truth, Truth(truth));
	for (const double figure : {error.mad, error.mse, error.gradient, error.edge_mad, error.edge_gradient,
				    error.foreground_mad, error.background_mad})
		EXPECT_EQ(figure, 0);
	EXPECT_EQ(error.boundary_f, 1);
}

TEST(AlphaError, TellsHolesFromAVeil)
{
	const Truth truth(left_half(100, 50)); // the edge is 20 wide, on each side of it are 40
	at::Tensor alpha = truth.alpha.clone();
	alpha.slice(2, 0, 20).fill_(0.5);
	EXPECT_NEAR(alpha_error(alpha, truth).foreground_mad, 250, 1e-3);
	EXPECT_EQ(alpha_error(alpha, truth).background_mad, 0);
	alpha = truth.alpha.clone();
	alpha.slice(2, 90, 100).fill_(0.1);
	EXPECT_EQ(alpha_error(alpha, truth).foreground_mad, 0);
	EXPECT_NEAR(alpha_error(alpha, truth).background_mad, 25, 1e-3);
}

TEST(AlphaError, CountsWhatIsHalfTransparentAllOverInNoRegion)
{
	const auto regions = [](int of_255) {
		const Truth truth(at::full({1, 30, 30}, of_255 / 255.));
		return std::pair(truth.foreground.all().item<bool>(), truth.background.all().item<bool>());
	};
	EXPECT_EQ(regions(250), std::pair(true, false));
	EXPECT_EQ(regions(249), std::pair(false, false));
	EXPECT_EQ(regions(6), std::pair(false, false));
	EXPECT_EQ(regions(5), std::pair(false, true));
}

// ---- Contours

TEST(BoundaryF, AllowsEightThousandthsOfTheDiagonal)
{
	const at::Tensor truth = stripe(400, 300, 0, 200); // the diagonal is 500: 4 pixels
	EXPECT_EQ(boundary_f(stripe(400, 300, 0, 204), truth), 1);
	EXPECT_EQ(boundary_f(stripe(400, 300, 0, 196), truth), 1);
	EXPECT_EQ(boundary_f(stripe(400, 300, 0, 205), truth), 0);
}

TEST(BoundaryF, MeasuresLargePicturesAt540Lines)
{
	const at::Tensor truth = stripe(1440, 1080, 0, 700); // half the size: 8 pixels of a diagonal of 900
	EXPECT_EQ(boundary_f(stripe(1440, 1080, 0, 716), truth), 1);
	EXPECT_EQ(boundary_f(stripe(1440, 1080, 0, 718), truth), 0);
}

TEST(BoundaryF, IsTheHarmonicMeanOfWhatIsRightAndWhatIsFound)
{
	const at::Tensor truth = stripe(400, 300, 0, 100);
	at::Tensor alpha = truth.clone();
	alpha.slice(2, 200, 300).fill_(1); // two contours more: a third is right, all is found
	EXPECT_NEAR(boundary_f(alpha, truth), 0.5, 1e-9);
	EXPECT_NEAR(boundary_f(truth, alpha), 0.5, 1e-9);
}

TEST(BoundaryF, OfNobodyIsOneIfNobodyIsThere)
{
	const at::Tensor nobody = at::zeros({1, 300, 400}), somebody = stripe(400, 300, 0, 100);
	EXPECT_EQ(boundary_f(nobody, nobody), 1);
	EXPECT_EQ(boundary_f(nobody, somebody), 0);
	EXPECT_EQ(boundary_f(somebody, nobody), 0);
	EXPECT_EQ(boundary_f(0.4 * somebody, somebody), 0); // below half is not there
}

// ---- Colours

TEST(CompositeError, IsWhatDiffersOverTheOwnPlateAtEdges)
{
	const Truth truth(left_half(100, 50));
	const auto grey = [](double value) {
		return at::full({3, 50, 100}, value);
	};
	const at::Tensor half = at::full({1, 50, 100}, 0.5);
	// 0.5 * 0.5 + 0.5 * 0.3 = 0.4
	EXPECT_NEAR(composite_error(half, grey(0.5), grey(0.3), grey(0.5), truth), 100, 1e-3);
	EXPECT_NEAR(composite_error(half, grey(0.5), at::full({3, 25, 50}, 0.3), grey(0.5), truth), 100, 1e-3);
	EXPECT_NEAR(composite_error(half, grey(0.7), grey(0.3), grey(0.5), truth), 0, 1e-3);
	at::Tensor foreground = grey(0.7);
	foreground.slice(2, 0, 40).fill_(0); // far from the edge
	EXPECT_NEAR(composite_error(half, foreground, grey(0.3), grey(0.5), truth), 0, 1e-3);
}

// ---- Over time

TEST(Flicker, IsTheMeanDeviationOfAPixelOverTime)
{
	Flicker flicker;
	for (const double value : {0.2, 0.4, 0.6}) { // the deviation is 0.2
		at::Tensor alpha = at::full({1, 1, 4}, 0.5);
		alpha.slice(2, 0, 1).fill_(value);
		flicker.add(alpha);
	}
	const at::Tensor x = at::arange(4).view({1, 1, 4});
	EXPECT_NEAR(flicker.in(x.lt(1)), 200, 1e-3);
	EXPECT_NEAR(flicker.in(x.lt(4)), 50, 1e-3);
	EXPECT_EQ(flicker.in(x.gt(1)), 0);
	EXPECT_TRUE(std::isnan(flicker.in(x.gt(9)))); // nowhere
}

TEST(ChangeError, IsTheMeanOfEachPairsRootOfSquares)
{
	const auto dtssd = [](const std::vector<double> &alphas, const std::vector<double> &truths) {
		ChangeError error;
		for (size_t i = 0; i < alphas.size(); i++) {
			at::Tensor alpha = at::zeros({1, 2, 2}), truth = at::zeros({1, 2, 2});
			alpha.view(-1)[0] = alphas[i];
			truth.view(-1)[0] = truths[i];
			error.add(alpha, truth);
		}
		return error.dtssd();
	};
	// One of four pixels: the root of a quarter of the square.
	EXPECT_NEAR(dtssd({0.3, 0.3, 0.3}, {0, 0.1, 0.4}), (5 + 15) / 2., 1e-3);
	EXPECT_NEAR(dtssd({0.2, 0.7}, {0, 0.5}), 0, 1e-3); // wrong, but it moves rightly
	EXPECT_NEAR(dtssd({0, 1}, {1, 0}), 100, 1e-3);
}

// ---- All

TEST(Measures, HaveTheirMeanWhereTheyAreKnown)
{
	AlphaError one, other;
	one.mad = 1;
	other.mad = 3;
	other.edge_flicker = 5;
	const AlphaError both = mean({one, other});
	EXPECT_EQ(both.mad, 2);
	EXPECT_EQ(both.edge_flicker, 5);
	EXPECT_TRUE(std::isnan(both.dtssd));
}

TEST(Measures, NameEachFigureOnce)
{
	const auto values = sizeof(AlphaError) / sizeof(double);
	EXPECT_EQ(measures().size(), values);
	for (const Measure &one : measures())
		EXPECT_EQ(std::ranges::count_if(measures(),
						[&one](const Measure &other) {
							return other.value == one.value ||
							       (other.kind == one.kind && other.place == one.place);
						}),
			  1);
}

} // namespace
} // namespace matting::training
