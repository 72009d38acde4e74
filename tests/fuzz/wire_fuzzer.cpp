// SPDX-License-Identifier: GPL-2.0-or-later
// Both sides trust nothing. The first byte says how long the message is made, as far as that goes beyond the input, and what
// comes along with it.
#include "inference/wire/protocol.hpp"

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

void send_raw(int socket, std::vector<uint8_t> &bytes, int handles)
{
	const int memory = memfd_create("frames", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	iovec part{bytes.data(), bytes.size()};
	alignas(cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))] = {};
	msghdr header{};
	header.msg_iov = &part;
	header.msg_iovlen = 1;
	if (handles > 0) {
		header.msg_control = control;
		header.msg_controllen = CMSG_SPACE(handles * sizeof(int));
		cmsghdr *rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(handles * sizeof(int));
		for (int i = 0; i < handles; i++)
			std::memcpy(CMSG_DATA(rights) + i * sizeof memory, &memory, sizeof memory);
	}
	sendmsg(socket, &header, MSG_NOSIGNAL);
	close(memory);
}

void use(const matting::Message &message, int handle)
{
	if (std::memchr(message.text, 0, sizeof message.text) == nullptr)
		__builtin_trap();
	matting::for_each_option([&](const auto &row) {
		if constexpr (std::is_same_v<std::decay_t<decltype(message.options.*row.field)>, bool>)
			if (reinterpret_cast<const uint8_t &>(message.options.*row.field) > 1)
				__builtin_trap();
	});
	if (handle >= 0)
		matting::SharedMemory::map(handle, 4096);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return -1;
	std::vector<uint8_t> bytes(data + 1, data + size);
	if (data[0] & 1)
		bytes.resize(sizeof(matting::Message));
	const auto [ours, theirs] = matting::Channel::pair();
	const matting::Channel receiving(ours);
	send_raw(theirs, bytes, data[0] >> 1 & 3);
	close(theirs);
	try {
		while (const auto received = receiving.receive())
			use(received->message, received->handle);
	} catch (const std::runtime_error &) {
	}
	return 0;
}
