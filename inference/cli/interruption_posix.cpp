// SPDX-License-Identifier: GPL-2.0-or-later
#include "interruption.hpp"

#include <csignal>
#include <initializer_list>

namespace matting {
namespace {

volatile std::sig_atomic_t interrupted = 0;

} // namespace

void notice_interruption()
{
	struct sigaction stop = {}, before;
	stop.sa_handler = [](int) {
		interrupted = 1;
	};
	stop.sa_flags = SA_RESETHAND; // a second one ends the program, whatever it waits for
	for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
		sigaction(signal, &stop, &before);
		if (before.sa_handler == SIG_IGN) // as nohup wants it
			sigaction(signal, &before, nullptr);
	}
	std::signal(SIGPIPE, SIG_IGN); // that nobody reads any more is an error
}

bool is_interrupted()
{
	return interrupted != 0;
}

} // namespace matting
