// SPDX-License-Identifier: GPL-2.0-or-later
#include "interruption.hpp"

#include <csignal>
#include <initializer_list>

namespace matting {
namespace {

volatile std::sig_atomic_t interrupted = 0;

} // namespace

// Ctrl-C, and Ctrl-Break, which closing the terminal is, too. Once one has come, the next of its kind ends the program again.
void notice_interruption()
{
	const auto stop = [](int) {
		interrupted = 1;
	};
	for (const int signal : {SIGINT, SIGBREAK})
		if (std::signal(signal, stop) == SIG_IGN)
			std::signal(signal, SIG_IGN);
}

bool is_interrupted()
{
	return interrupted != 0;
}

} // namespace matting
