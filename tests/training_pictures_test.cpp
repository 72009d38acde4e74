// SPDX-License-Identifier: GPL-2.0-or-later
#include "inference/training/drawing/camera.hpp"
#include "inference/training/drawing/generator.hpp"

#include <thread>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace matting::training {
namespace {

constexpr Crop small{96, 64, 128};

GeneratorSettings few_pictures(uint64_t seed)
{
	GeneratorSettings settings;
	settings.seed = seed;
	settings.sprites = 6;
	settings.rooms = 3;
	return settings;
}

// Drawing is what takes long; all tests share what one generator has drawn.
const Generator &shared_generator()
{
	static const auto generator = make_generator(few_pictures(1));
	return *generator;
}

bool are_equal(const Sample &one, const Sample &other)
{
	return one.source.equal(other.source) && one.background.equal(other.background) &&
	       one.alpha.equal(other.alpha) && one.foreground.equal(other.foreground);
}

TEST(TrainingPictures, HaveTheShapesAndRangesThatTheHeaderSays)
{
	for (uint64_t index = 0; index < 60; index++) {
		const Sample sample = shared_generator().make(index, small);
		for (const at::Tensor &picture : {sample.source, sample.background, sample.foreground})
			ASSERT_EQ(picture.sizes(), (at::IntArrayRef{3, 64, 96}));
		ASSERT_EQ(sample.alpha.sizes(), (at::IntArrayRef{1, 64, 96}));
		for (const at::Tensor &picture : {sample.source, sample.background, sample.alpha, sample.foreground}) {
			ASSERT_EQ(picture.scalar_type(), at::kFloat);
			ASSERT_GE(picture.min().item<float>(), 0) << index;
			ASSERT_LE(picture.max().item<float>(), 1) << index;
			ASSERT_FALSE(picture.isnan().any().item<bool>()) << index;
		}
		ASSERT_EQ(sample.foreground.masked_select(sample.alpha == 0).count_nonzero().item<int64_t>(), 0)
			<< index;
	}
}

// White before black: the picture is alpha, but for what noise and compression do to the mean of a column.
TEST(TrainingPictures, AreAsMuchOutOfFocusAsTheirAlpha)
{
	const View view{64, 64, 1080};
	const auto mean_of_columns = [](const Image &image) {
		at::Tensor plane = at::empty({64, 64});
		std::copy_n(image.plane(0), image.area(), plane.data_ptr<float>());
		return plane.mean(0);
	};
	for (uint64_t seed = 0; seed < 60; seed++) {
		Scene scene(view);
		for (size_t i = 0; i < scene.alpha.area(); i++) {
			scene.alpha.values[i] = i % 64 < 32 ? 1 : 0;
			for (int channel = 0; channel < 3; channel++)
				scene.foreground.plane(channel)[i] = scene.alpha.values[i];
		}
		Image source = scene.foreground;
		Random random(seed);
		photograph(scene, source, view.pixel(), random);
		const at::Tensor alpha = mean_of_columns(scene.alpha);
		EXPECT_LT((mean_of_columns(source) - alpha).abs().mean().item<double>(), 0.025) << seed;
		EXPECT_LT((mean_of_columns(scene.foreground) - alpha).abs().max().item<double>(), 1e-5) << seed;
	}
}

TEST(TrainingPictures, AreTheSameWhateverWasMadeBefore)
{
	const Sample first = shared_generator().make(7, small);
	shared_generator().make(1000, small);
	EXPECT_TRUE(are_equal(shared_generator().make(7, small), first));
	const auto another = make_generator(few_pictures(1));
	another->make(8, small);
	EXPECT_TRUE(are_equal(another->make(7, small), first));
}

TEST(TrainingPictures, AreTheSameOnEveryThread)
{
	constexpr int count = 24;
	const auto fresh = make_generator(few_pictures(1));
	std::vector<Sample> samples(count);
	std::vector<std::thread> threads;
	for (int thread = 0; thread < 2; thread++)
		threads.emplace_back([&, thread] {
			for (int i = thread; i < count; i += 2)
				samples[i] = fresh->make(i, small);
		});
	for (std::thread &thread : threads)
		thread.join();
	for (int i = 0; i < count; i++)
		EXPECT_TRUE(are_equal(samples[i], shared_generator().make(i, small))) << i;
}

TEST(TrainingPictures, DifferBetweenIndicesAndSeeds)
{
	GeneratorSettings settings = few_pictures(2);
	settings.sprites = settings.rooms = 1;
	const auto other = make_generator(settings);
	const Sample first = shared_generator().make(0, small);
	EXPECT_FALSE(first.source.equal(shared_generator().make(1, small).source));
	EXPECT_FALSE(first.source.equal(other->make(0, small).source));
}

TEST(TrainingPictures, SometimesShowNobodyAndOftenHaveSoftEdges)
{
	int empty = 0, soft = 0;
	constexpr int count = 200;
	for (uint64_t index = 0; index < count; index++) {
		const at::Tensor alpha = shared_generator().make(index, small).alpha;
		empty += alpha.max().item<float>() == 0;
		soft += ((alpha > 0.1) & (alpha < 0.9)).sum().item<int64_t>() > alpha.numel() / 100;
	}
	EXPECT_GE(empty, count / 50);
	EXPECT_LE(empty, count / 4);
	EXPECT_GE(soft, count / 4);
}

TEST(TrainingPictures, ShowTheSceneOverThePlateWhereNobodyIs)
{
	// Shadows, noise and drift are small on average: an unrelated picture would be 0.2 away.
	double difference = 0;
	constexpr int count = 60;
	for (uint64_t index = 0; index < count; index++) {
		const Sample sample = shared_generator().make(index, small);
		const at::Tensor free = (sample.alpha == 0).expand_as(sample.source);
		if (free.any().item<bool>())
			difference +=
				(sample.source - sample.background).abs().masked_select(free).mean().item<double>() /
				count;
	}
	EXPECT_GT(difference, 0);
	EXPECT_LT(difference, 0.08);
}

} // namespace
} // namespace matting::training
