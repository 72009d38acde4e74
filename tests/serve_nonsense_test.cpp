// SPDX-License-Identifier: GPL-2.0-or-later
// What no plugin of this version says ends the engine: it trusts nothing.
#include "engine_program.hpp"

#include <sys/socket.h>

namespace matting {
namespace {

class Nonsense : public EngineProgram {
protected:
	void expect_end()
	{
		const int status = exit_status();
		EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
	}
};

TEST_F(Nonsense, OfTheWrongFormEndsTheEngine)
{
	expect(MessageKind::hello);
	::send(socket_, "GET / HTTP/1.1", 14, MSG_NOSIGNAL);
	expect_end();
}

TEST_F(Nonsense, OfAnotherVersionEndsTheEngine)
{
	expect(MessageKind::hello);
	Message message = request(MessageKind::close);
	message.version++;
	ASSERT_TRUE(channel_->send(message));
	expect_end();
}

TEST_F(Nonsense, FromThePluginsSideOfTheMessagesEndsTheEngine)
{
	expect(MessageKind::hello);
	ASSERT_TRUE(send(MessageKind::done));
	expect_end();
}

TEST_F(Nonsense, AboutASlotThatDoesNotExistEndsTheEngine)
{
	expect(MessageKind::hello);
	share_frames(64, 48);
	send_frame(slot_count, 1);
	expect_end();
}

TEST_F(Nonsense, AboutAnImpossibleSizeEndsTheEngine)
{
	expect(MessageKind::hello);
	share_frames(64, 48);
	ASSERT_TRUE(channel_->send(host_frames(16384, 16384), frames_.handle())); // with memory for 64x48
	expect_end();
}

TEST_F(Nonsense, AboutAnUnknownKindOfMemoryEndsTheEngine)
{
	expect(MessageKind::hello);
	Message message = host_frames(64, 48);
	message.memory = static_cast<MemoryKind>(99);
	ASSERT_TRUE(channel_->send(message));
	expect_end();
}

TEST_F(Nonsense, HostMemoryThatDoesNotComeAlongEndsTheEngine)
{
	expect(MessageKind::hello);
	ASSERT_TRUE(channel_->send(host_frames(64, 48)));
	expect_end();
}

TEST_F(Nonsense, HostMemoryBesideCudaMemoryEndsTheEngine)
{
	expect(MessageKind::hello);
	share_frames(64, 48);
	ASSERT_TRUE(channel_->send(cuda_frames(), frames_.handle()));
	expect_end();
}

TEST_F(Nonsense, CudaMemoryOfAnImpossibleSizeEndsTheEngine)
{
	expect(MessageKind::hello);
	Message message = cuda_frames();
	message.height = 0;
	ASSERT_TRUE(channel_->send(message));
	expect_end();
}

TEST_F(Nonsense, AFrameBeforeItsMemoryEndsTheEngine)
{
	expect(MessageKind::hello);
	send_frame(0, 1);
	expect_end();
}

} // namespace
} // namespace matting
