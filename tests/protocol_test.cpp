// SPDX-License-Identifier: GPL-2.0-or-later
#include "inference/wire/protocol.hpp"

#include <array>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace matting {
namespace {

using testing::HasSubstr;

class Connection : public testing::Test {
protected:
	explicit Connection(std::pair<int, int> sockets = Channel::pair())
		: raw_(sockets.first), raw_end_(sockets.first), end_(sockets.second)
	{
	}

	std::string error_after(const void *bytes, size_t size)
	{
		EXPECT_EQ(send(raw_, bytes, size, 0), static_cast<ssize_t>(size));
		try {
			end_.receive();
		} catch (const std::runtime_error &error) {
			return error.what();
		}
		return "no error";
	}

	int raw_;
	Channel raw_end_, end_;
};

TEST_F(Connection, CarriesMessagesBothWays)
{
	Message message;
	message.kind = MessageKind::set_model;
	message.session = 7;
	EXPECT_TRUE(message.set_text("/a/model.pth"));
	ASSERT_TRUE(raw_end_.send(message));
	ASSERT_TRUE(end_.send(message));
	for (const Channel *end : {&raw_end_, &end_}) {
		const auto received = end->receive();
		ASSERT_TRUE(received);
		EXPECT_EQ(received->message.kind, MessageKind::set_model);
		EXPECT_EQ(received->message.session, 7u);
		EXPECT_STREQ(received->message.text, "/a/model.pth");
		EXPECT_EQ(received->handle, -1);
	}
}

TEST_F(Connection, CarriesSharedMemory)
{
	const SharedMemory mine = SharedMemory::create(slot_count * slot_bytes(64, 48));
	Message message;
	message.kind = MessageKind::set_frames;
	ASSERT_TRUE(raw_end_.send(message, mine.handle()));
	const auto received = end_.receive();
	ASSERT_TRUE(received);
	const SharedMemory theirs = SharedMemory::map(received->handle, mine.size());
	mine.data()[mine.size() - 1] = 42;
	EXPECT_EQ(theirs.data()[mine.size() - 1], 42);
}

int open_files()
{
	const std::filesystem::directory_iterator files("/proc/self/fd");
	return static_cast<int>(std::distance(begin(files), end(files)));
}

// The padding of one descriptor has place for a second.
TEST_F(Connection, KeepsNoneOfSeveralHandles)
{
	for (const size_t count : {2, 5}) {
		const int before = open_files();
		Message message;
		message.kind = MessageKind::set_frames;
		iovec part{&message, sizeof message};
		std::vector<char> control(CMSG_SPACE(count * sizeof(int)));
		msghdr header{};
		header.msg_iov = &part;
		header.msg_iovlen = 1;
		header.msg_control = control.data();
		header.msg_controllen = control.size();
		cmsghdr *rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(count * sizeof(int));
		const std::vector<int> handles(count, raw_);
		std::memcpy(CMSG_DATA(rights), handles.data(), count * sizeof(int));
		ASSERT_GT(sendmsg(raw_, &header, 0), 0);
		EXPECT_THROW(end_.receive(), std::runtime_error);
		EXPECT_EQ(open_files(), before);
	}
}

TEST_F(Connection, RefusesAMessageThatIsTooLong)
{
	std::array<char, sizeof(Message) + 100> bytes{};
	Message message;
	std::memcpy(bytes.data(), &message, sizeof message);
	EXPECT_THAT(error_after(bytes.data(), bytes.size()),
		    HasSubstr("damaged message of " + std::to_string(bytes.size()) + " bytes"));
	message.version = 99; // in which it is longer
	std::memcpy(bytes.data(), &message, sizeof message);
	EXPECT_THAT(error_after(bytes.data(), bytes.size()), HasSubstr("version 99"));
}

TEST_F(Connection, EndsWhenTheOtherSideCloses)
{
	{
		const Channel gone(dup(raw_));
	}
	std::thread closing([this] {
		std::this_thread::sleep_for(std::chrono::milliseconds(20));
		raw_end_.shut_down();
	});
	EXPECT_FALSE(end_.receive());
	closing.join();
	EXPECT_FALSE(end_.send(Message())) << "and no signal was raised";
}

TEST_F(Connection, NeverBlocksTheSender)
{
	int sent = 0;
	while (sent < 100'000 && end_.send(Message()))
		sent++;
	EXPECT_GT(sent, 5);
	EXPECT_LT(sent, 100'000);
}

TEST_F(Connection, RefusesNonsenseInWords)
{
	EXPECT_THAT(error_after("GET / HTTP/1.1", 14), HasSubstr("does not speak the protocol"));
	Message message;
	EXPECT_THAT(error_after(&message, 100), HasSubstr("damaged message of 100 bytes"));
	message.version = 99;
	EXPECT_THAT(error_after(&message, sizeof message), HasSubstr("version 99"));
	EXPECT_THAT(error_after(&message, 8), HasSubstr("version 99")) << "whatever its size is in that version";
	message = Message();
	std::memset(message.text, 'x', sizeof message.text);
	EXPECT_THAT(error_after(&message, sizeof message), HasSubstr("damaged"));
	message = Message();
	std::memset(&message.options.refine_prevent_oversampling, 7, 1);
	EXPECT_THAT(error_after(&message, sizeof message), HasSubstr("damaged"));
	message = Message();
	EXPECT_EQ(error_after(&message, sizeof message), "no error");
}

TEST(SharedMemory, RefusesMemoryThatIsTooSmallOrCouldShrink)
{
	const SharedMemory small = SharedMemory::create(4096);
	EXPECT_THROW(SharedMemory::map(dup(small.handle()), 4097), std::runtime_error);
	const int unsealed = memfd_create("unsealed", MFD_CLOEXEC);
	ASSERT_EQ(ftruncate(unsealed, 4096), 0);
	EXPECT_THROW(SharedMemory::map(unsealed, 4096), std::runtime_error);
	EXPECT_LT(ftruncate(small.handle(), 0), 0) << "ours cannot shrink";
}

TEST(SharedMemory, HasItsPagesWhereItWasMade)
{
	const auto faults = [] {
		rusage usage{};
		getrusage(RUSAGE_THREAD, &usage);
		return usage.ru_minflt;
	};
	constexpr size_t pages = 4096;
	SharedMemory memory;
	std::thread([&] { memory = SharedMemory::create(4096 * pages); }).join();
	const auto before = faults();
	std::memset(memory.data(), 1, memory.size());
	EXPECT_LT(faults() - before, 64);
}

TEST(Message, CutsTextThatDoesNotFit)
{
	Message message;
	EXPECT_FALSE(message.set_text(std::string(5000, 'a')));
	EXPECT_EQ(std::strlen(message.text), sizeof message.text - 1);
	EXPECT_TRUE(message.set_text(""));
	EXPECT_EQ(message.text[4000], 0);
}

} // namespace
} // namespace matting
