// SPDX-License-Identifier: GPL-2.0-or-later
#include "inference/cuda/frame_graph.hpp"

#include <gtest/gtest.h>

namespace matting::cuda {
namespace {

class FrameGraphs : public testing::Test {
protected:
	~FrameGraphs() override { cuda_stand_in::failing_recordings = 0; }

	struct Count {
		int told = 0; ///< how often the operations were asked for
		int done = 0; ///< how often they were carried out
		bool operator==(const Count &) const = default;
	};
	Count run(uint64_t version, int frames)
	{
		Count count;
		for (int i = 0; i < frames; i++)
			graph_.run(
				version,
				[&] {
					count.told++;
					cuda_stand_in::enqueue(stream_.get(), [this] { done_++; });
				},
				stream_.get());
		count.done = std::exchange(done_, 0);
		return count;
	}

private:
	FrameGraph graph_;
	Stream stream_ = make_low_priority_stream();
	int done_ = 0;
};

TEST_F(FrameGraphs, AreRecordedWithTheSecondFrame)
{
	EXPECT_EQ(run(1, 5), (Count{.told = 2, .done = 5}));
}

TEST_F(FrameGraphs, ThatCannotBeRecordedAreDoneOneByOneAndThoseOfOtherFramesAreRecordedAgain)
{
	cuda_stand_in::failing_recordings = 1;
	EXPECT_EQ(run(1, 5), (Count{.told = 6, .done = 5})) << "asked for once more, in vain";
	EXPECT_EQ(run(2, 5), (Count{.told = 2, .done = 5}));
}

} // namespace
} // namespace matting::cuda
