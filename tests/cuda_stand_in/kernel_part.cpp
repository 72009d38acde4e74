// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_part.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cuda_stand_in {
namespace {

struct Request {
	pid_t process;
	int file;
};

/// One byte, and perhaps a descriptor with it.
struct Reply {
	Reply()
	{
		header.msg_iov = &part;
		header.msg_iovlen = 1;
		header.msg_control = control;
		header.msg_controllen = sizeof control;
	}

	char byte = 0;
	iovec part{&byte, 1};
	alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
	msghdr header{};
};

[[noreturn]] void serve(int socket)
{
	Request request;
	while (recv(socket, &request, sizeof request, 0) == static_cast<ssize_t>(sizeof request)) {
		const std::string path =
			"/proc/" + std::to_string(request.process) + "/fd/" + std::to_string(request.file);
		const int file = open(path.c_str(), O_RDWR | O_CLOEXEC);
		Reply reply;
		if (file < 0) {
			reply.header.msg_controllen = 0;
		} else {
			cmsghdr *rights = CMSG_FIRSTHDR(&reply.header);
			rights->cmsg_level = SOL_SOCKET;
			rights->cmsg_type = SCM_RIGHTS;
			rights->cmsg_len = CMSG_LEN(sizeof file);
			std::memcpy(CMSG_DATA(rights), &file, sizeof file);
		}
		sendmsg(socket, &reply.header, MSG_NOSIGNAL);
		if (file >= 0)
			close(file);
	}
	_exit(EXIT_SUCCESS);
}

} // namespace

KernelPart::KernelPart()
{
	int sockets[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
		return;
	socket_ = sockets[0];
	if (fork() == 0) {
		// Else what the engine has open would outlive it.
		const int mine = dup2(sockets[1], 0);
		close_range(1, ~0u, 0);
		serve(mine);
	}
	close(sockets[1]);
}

int KernelPart::open(pid_t process, int file) const
{
	const Request request{process, file};
	Reply reply;
	int opened = -1;
	if (send(socket_, &request, sizeof request, MSG_NOSIGNAL) < 0 ||
	    recvmsg(socket_, &reply.header, MSG_CMSG_CLOEXEC) <= 0)
		return opened;
	if (const cmsghdr *rights = CMSG_FIRSTHDR(&reply.header))
		std::memcpy(&opened, CMSG_DATA(rights), sizeof opened);
	return opened;
}

const KernelPart &kernel_part()
{
	static const KernelPart part;
	return part;
}

} // namespace cuda_stand_in
