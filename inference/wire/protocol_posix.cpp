// SPDX-License-Identifier: GPL-2.0-or-later
// Sockets that keep message boundaries and carry descriptors; memory without a name (memfd).
#include "protocol.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace matting {
namespace {

std::system_error system_error(const char *what)
{
	return {errno, std::system_category(), what};
}

uint8_t *map_shared(int handle, size_t size)
{
	void *address = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
	if (address == MAP_FAILED)
		throw system_error("mapping the frames");
	return static_cast<uint8_t *>(address);
}

// How many came along. The first is the caller's; the others, for which padding has left room, are closed.
size_t take_handles(msghdr &header, int &first)
{
	size_t count = 0;
	for (cmsghdr *rights = CMSG_FIRSTHDR(&header); rights; rights = CMSG_NXTHDR(&header, rights)) {
		if (rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			int handle;
			std::memcpy(&handle, CMSG_DATA(rights) + i * sizeof handle, sizeof handle);
			if (count++ == 0)
				first = handle;
			else
				close(handle);
		}
	}
	return count;
}

} // namespace

const char *const engine_program_name = "background-matting";
const char *const cuda_library_name = "libbackground-matting-cuda.so";

void close_handle(int handle)
{
	close(handle);
}

SharedMemory SharedMemory::create(size_t size)
{
	SharedMemory memory;
	memory.handle_ = memfd_create("background-matting frames", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (memory.handle_ < 0)
		throw system_error("making shared memory");
	// Reserved now: a page that cannot be had later would be a SIGBUS in the middle of OBS.
	if (const int error = posix_fallocate(memory.handle_, 0, static_cast<off_t>(size)))
		throw std::system_error(error, std::system_category(),
					"reserving " + std::to_string(size >> 20) + " MiB for frames");
	if (fcntl(memory.handle_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		throw system_error("sealing shared memory");
	memory.data_ = map_shared(memory.handle_, size);
	memory.size_ = size;
	memory.touch_pages();
	return memory;
}

SharedMemory SharedMemory::map(int handle, size_t size)
{
	SharedMemory memory;
	memory.handle_ = handle;
	struct stat status {};
	if (fstat(handle, &status) < 0 || status.st_size < 0 || static_cast<size_t>(status.st_size) < size)
		throw std::runtime_error("the shared memory for frames is smaller than its " + std::to_string(size) +
					 " bytes");
	if (const int seals = fcntl(handle, F_GET_SEALS); seals < 0 || !(seals & F_SEAL_SHRINK))
		throw std::runtime_error("the shared memory for frames could shrink while in use");
	memory.data_ = map_shared(handle, size);
	memory.size_ = size;
	return memory;
}

SharedMemory::~SharedMemory()
{
	if (data_)
		munmap(data_, size_);
	if (handle_ >= 0)
		close(handle_);
}

std::pair<int, int> Channel::pair()
{
	std::array<int, 2> sockets;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets.data()) < 0)
		throw system_error("making a pair of sockets");
	return {sockets[0], sockets[1]};
}

int Channel::inherited()
{
	return engine_socket;
}

static bool transmit(int socket, const Message &message, int handle, int flags)
{
	iovec part{const_cast<Message *>(&message), sizeof message};
	alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof handle)> control{};
	msghdr header{};
	header.msg_iov = &part;
	header.msg_iovlen = 1;
	if (handle >= 0) {
		header.msg_control = control.data();
		header.msg_controllen = control.size();
		cmsghdr *rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof handle);
		std::memcpy(CMSG_DATA(rights), &handle, sizeof handle);
	}
	ssize_t sent;
	do
		sent = sendmsg(socket, &header, MSG_NOSIGNAL | flags);
	while (sent < 0 && errno == EINTR);
	return sent == static_cast<ssize_t>(sizeof message);
}

bool Channel::send(const Message &message, int handle) const
{
	return transmit(socket_, message, handle, MSG_DONTWAIT);
}

bool Channel::answer(const Message &message) const
{
	return transmit(socket_, message, -1, 0);
}

std::optional<Channel::Received> Channel::receive() const
{
	Received received;
	iovec part{&received.message, sizeof received.message};
	alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof received.handle)> control{};
	msghdr header{};
	header.msg_iov = &part;
	header.msg_iovlen = 1;
	header.msg_control = control.data();
	header.msg_controllen = control.size();
	ssize_t size;
	do
		size = recvmsg(socket_, &header, MSG_CMSG_CLOEXEC | MSG_TRUNC); // says how long it really was
	while (size < 0 && errno == EINTR);
	if (size < 0)
		return std::nullopt;
	const size_t handles = take_handles(header, received.handle);
	if (size == 0 && handles == 0)
		return std::nullopt;
	try {
		require_message(received.message, static_cast<size_t>(size));
		if (handles > 1 || header.msg_flags & MSG_CTRUNC)
			throw std::runtime_error("it sent more than a message has place for");
	} catch (...) {
		if (received.handle >= 0)
			close(received.handle);
		throw;
	}
	return received;
}

void Channel::shut_down() const
{
	shutdown(socket_, SHUT_RDWR);
}

} // namespace matting
