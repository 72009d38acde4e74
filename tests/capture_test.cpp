// SPDX-License-Identifier: GPL-2.0-or-later
// What the engine's service is made of: a background of several frames, the pace of the automatic quality, threads.
#include "inference/options.hpp"
#include "inference/parallel.hpp"
#include "inference/service/capture.hpp"
#include "inference/service/pace.hpp"
#include "inference/threads.hpp"

#include <atomic>
#include <new>
#include <random>
#include <vector>

#include <gmock/gmock.h>

namespace matting {
namespace {

constexpr int width = 160, height = 96, frames = 16;

// A wall with noise, and a block of another colour, if it is wider than 0.
class Camera {
public:
	Bitmap frame(int light, int x = 0, int block_width = 0)
	{
		std::normal_distribution<double> noise(0, 3);
		Bitmap bitmap(width, height);
		for (int i = 0; i < width * height; i++) {
			const int column = i % width;
			const int level = column >= x && column < x + block_width ? 200 : light;
			for (int c = 0; c < 3; c++)
				bitmap.pixels[4 * i + c] =
					static_cast<uint8_t>(std::clamp(level + noise(random_), 0.0, 255.0));
			bitmap.pixels[4 * i + 3] = 255;
		}
		return bitmap;
	}

private:
	std::mt19937 random_{1};
};

Capture::Plate capture(const std::function<Bitmap(Camera &, int)> &frame)
{
	Camera camera;
	Capture capture("plate.png", frames);
	for (int i = 0; i < frames; i++) {
		EXPECT_EQ(capture.missing(), frames - i);
		capture.add(frame(camera, i).picture());
	}
	return capture.plate();
}

double error(const Bitmap &plate, int level, int from, int to)
{
	double sum = 0;
	for (int y = 0; y < height; y++)
		for (int x = from; x < to; x++)
			sum += std::abs(plate.pixels[4 * (y * width + x)] - level);
	return sum / (height * (to - from));
}

TEST(Capture, IsTheMeanOfAStillRoom)
{
	const auto plate = capture([](Camera &camera, int) { return camera.frame(90); });
	EXPECT_EQ(plate.flaw, PlateFlaw::none);
	EXPECT_LT(error(plate.bitmap, 90, 0, width), 1) << "a frame's noise is 2.4";
}

TEST(Capture, LeavesOutWhoWalksThroughAndSaysSo)
{
	const auto plate = capture([](Camera &camera, int i) { return camera.frame(90, 100, i < 4 ? 30 : 0); });
	EXPECT_EQ(plate.flaw, PlateFlaw::somebody);
	EXPECT_LT(error(plate.bitmap, 90, 100, 130), 1.5);
}

TEST(Capture, NoticesWhoMovesALittle)
{
	const auto plate = capture([](Camera &camera, int i) { return camera.frame(90, 60 + i / 2, 40); });
	EXPECT_EQ(plate.flaw, PlateFlaw::somebody);
}

TEST(Capture, NoticesThatTheLightChanged)
{
	const auto plate = capture([](Camera &camera, int i) { return camera.frame(70 + 3 * i); });
	EXPECT_EQ(plate.flaw, PlateFlaw::moved);
}

TEST(Capture, OfOneFrameIsThatFrame)
{
	Camera camera;
	Capture one("plate.png", 1);
	Bitmap frame = camera.frame(90);
	one.add(frame.picture());
	EXPECT_EQ(one.missing(), 0u);
	EXPECT_EQ(one.plate().bitmap.pixels, frame.pixels);
}

const Steps on_cpu = steps_of_automatic(/*is_on_card=*/false);

TEST(Pace, StepsDownWhenTheEngineFallsBehindAndStays)
{
	Pace pace;
	int changes = 0, before = 0;
	for (int i = 0; i < 2000; i++) {
		pace.note(pace.step() >= 2 ? 25 : 40, 33, on_cpu);
		changes += pace.step() != std::exchange(before, pace.step());
	}
	EXPECT_EQ(pace.step(), 2);
	EXPECT_EQ(changes, 2) << "it went to and fro";
}

TEST(Pace, StepsUpWhereThereIsTimeToSpare)
{
	Pace pace;
	for (int i = 0; i < 2000; i++)
		pace.note(5, 33, on_cpu);
	EXPECT_EQ(pace.step(), on_cpu.finest);
}

TEST(Pace, ForgetsAfterAWhileThatTheComputerWasBusy)
{
	Pace pace;
	for (int i = 0; i < 200; i++)
		pace.note(100, 33, on_cpu);
	EXPECT_EQ(pace.step(), on_cpu.coarsest);
	for (int i = 0; i < 5000; i++)
		pace.note(5, 33, on_cpu);
	EXPECT_LT(pace.step(), 0);
}

TEST(Pace, KeepsItsStepWhereTheCamerasTimeIsNotKnown)
{
	Pace pace;
	for (int i = 0; i < 200; i++)
		pace.note(100, 0, on_cpu);
	EXPECT_EQ(pace.step(), 0);
}

// One thread's helpers are enough for all that it does, however many threads each time.
TEST(Parallel, DoesAllOnAsManyThreadsAsThereAre)
{
	const int before = thread_count();
	for (const int threads : {1, 4, 2, 4}) {
		set_threads(threads);
		std::vector<int> calls(1000);
		std::atomic<bool> is_beyond = false;
		parallel(static_cast<int64_t>(calls.size()), [&](int64_t i, int thread) {
			calls[static_cast<size_t>(i)]++;
			is_beyond = is_beyond || thread >= threads;
		});
		EXPECT_THAT(calls, testing::Each(1)) << threads;
		EXPECT_FALSE(is_beyond) << threads;
	}
	set_threads(before);
}

TEST(Parallel, ThrowsWhatATaskHasThrown)
{
	for (int round = 0; round < 100; round++)
		EXPECT_THROW(parallel(64,
				      [](int64_t i, int) {
					      if (i % 9 == 5)
						      throw std::bad_alloc();
				      }),
			     std::bad_alloc);
	std::atomic<int> calls = 0;
	parallel(64, [&](int64_t, int) { calls++; });
	EXPECT_EQ(calls, 64);
}

} // namespace
} // namespace matting
