// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's pictures in the card's memory beside the same in the host's: all that is done to them around the network, too.
#include "tests/golden.hpp"
#include "tests/wall.hpp"

#include "inference/cuda_library.hpp"
#include "inference/pixels.hpp"

#include <cstdlib>

#include <cuda_profiler_api.h>
#include <gmock/gmock.h>

namespace matting {
namespace {

/// In bytes: the share of those that differ by more than `tolerated`.
double share_that_differs(const Bitmap &a, const Bitmap &b, int tolerated)
{
	size_t count = 0;
	for (size_t i = 0; i < a.pixels.size(); i++)
		count += std::abs(a.pixels[i] - b.pixels[i]) > tolerated;
	return static_cast<double>(count) / static_cast<double>(a.pixels.size());
}

/// A copy in the card's memory of a picture that is here, until destruction.
class OnCard {
public:
	explicit OnCard(Bitmap &bitmap)
		: memory_(cuda_backend().upload(0, bitmap.picture())), width_(bitmap.width), height_(bitmap.height)
	{
	}
	Picture picture() const { return {memory_.get(), width_, height_, std::ptrdiff_t{4} * width_, Device::cuda}; }
	Bitmap bitmap() const
	{
		Bitmap bitmap(width_, height_);
		cuda_backend().read_rows(0, picture(), 0, 1, bitmap.picture());
		return bitmap;
	}

private:
	const std::shared_ptr<uint8_t> memory_;
	const int width_, height_;
};

EngineSettings on_first_card()
{
	return {.model = project_root() / "data" / "models" / "mobilenetv2_fp16.pth", .device = "cuda:0"};
}

TEST(PicturesOnCard, AreFollowedAndFinishedLikeThoseOfTheHost)
{
	Engine of_host(on_first_card()), of_card(on_first_card());
	Bitmap plate = draw();
	of_host.set_background(plate.picture());
	of_card.set_background(plate.picture());
	const Homography aside{{1, 0, 0.06, 0, 1, 0, 0, 0, 1}};
	Options shifted;
	shifted.edge_shift = 1.5;
	shifted.edge_softness = 2;
	for (const Options &options : {Options(), shifted})
		for (const Homography &movement : {Homography(), aside, aside, Homography()}) {
			Bitmap frame = draw(movement, {1, 1, 1}, 2), expected(width, height);
			put_somebody(frame, width / 4, width * 3 / 4, height / 5);
			of_host.set_options(options);
			of_host.matte(frame.picture(), expected.picture());
			const OnCard on_card(frame);
			of_card.set_options(options);
			of_card.matte(on_card.picture(), on_card.picture());
			const MatteFigures &wanted = of_host.figures(), &figures = of_card.figures();
			EXPECT_LT(share_that_differs(on_card.bitmap(), expected, 2), 1e-3);
			EXPECT_NEAR(figures.opaque, wanted.opaque, 1e-3);
			EXPECT_NEAR(figures.fit, wanted.fit, 1e-3);
			EXPECT_NEAR(figures.movement, wanted.movement, 1e-9); // the frame's alone
			EXPECT_NEAR(figures.unseen, wanted.unseen, 1e-9);
			EXPECT_GT(wanted.opaque, 0.1);
		}
}

Bitmap in_hd(Bitmap small)
{
	Bitmap large(1920, 1080);
	large.pixels = scale(small.picture(), large.width, large.height);
	return large;
}

// For ncu, which sees what lies between the marks: the whole of a first frame, which is recorded nowhere.
TEST(PicturesOnCard, AreMattedInHdAsByDefault)
{
	Engine engine(on_first_card());
	Bitmap room = draw(), plate = in_hd(room);
	put_somebody(room, width / 4, width * 3 / 4, height / 5);
	Bitmap frame = in_hd(room);
	const OnCard on_card(frame);
	engine.set_background(plate.picture());
	ASSERT_EQ(cudaProfilerStart(), cudaSuccess);
	engine.matte(on_card.picture(), on_card.picture());
	ASSERT_EQ(cudaProfilerStop(), cudaSuccess);
	EXPECT_GT(engine.figures().opaque, 0.1);
	EXPECT_LT(engine.figures().opaque, 0.5);
}

} // namespace
} // namespace matting
