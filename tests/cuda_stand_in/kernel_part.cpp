// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_part.hpp"

#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace cuda_stand_in {
namespace {

using matting::Channel;
using matting::Message;

[[noreturn]] void serve(const Channel &channel)
{
	while (const auto request = channel.receive()) {
		const std::string path = "/proc/" + std::to_string(request->message.session) + "/fd/" +
					 std::to_string(request->message.slot);
		const int file = open(path.c_str(), O_RDWR | O_CLOEXEC);
		channel.send(Message(), file);
		if (file >= 0)
			close(file);
	}
	_exit(EXIT_SUCCESS);
}

// The end of the process that asks.
int start()
{
	const auto [ours, theirs] = Channel::pair();
	if (fork() == 0) {
		// Else what the engine has open would outlive it.
		const int mine = dup2(theirs, 0);
		close_range(1, ~0u, 0);
		serve(Channel(mine));
	}
	close(theirs);
	return ours;
}

} // namespace

KernelPart::KernelPart() : channel_(start()) {}

int KernelPart::open(pid_t process, int file) const
{
	Message request;
	request.session = static_cast<uint32_t>(process);
	request.slot = static_cast<uint32_t>(file);
	channel_.send(request);
	const auto reply = channel_.receive();
	return reply ? reply->handle : -1;
}

const KernelPart &kernel_part()
{
	static const KernelPart part;
	return part;
}

} // namespace cuda_stand_in
