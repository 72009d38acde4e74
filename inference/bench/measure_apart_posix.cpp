// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure_apart.hpp"

#include "inference/error.hpp"

#include <csignal>
#include <string>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace matting {

using Json = nlohmann::ordered_json;

Json measure_apart(const std::function<Json()> &action)
{
	int ends[2];
	if (pipe(ends) != 0)
		throw Error("there are no file descriptors left");
	const pid_t parent = getpid(), child = fork();
	if (child < 0)
		throw Error("no process can be started");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); // nobody waits for the answer of one whose parent was ended
		if (getppid() != parent)
			_exit(1);
		close(ends[0]);
		std::string answer;
		try {
			answer = action().dump();
		} catch (const std::exception &error) {
			answer = Json{{"error", error.what()}}.dump();
		}
		const bool written = write(ends[1], answer.data(), answer.size()) == ssize_t(answer.size());
		_exit(written ? 0 : 1);
	}
	close(ends[1]);
	std::string answer;
	char block[4096];
	for (ssize_t size; (size = read(ends[0], block, sizeof block)) > 0;)
		answer.append(block, size);
	close(ends[0]);
	int status = 0;
	rusage usage{};
	wait4(child, &status, 0, &usage);
	if (status != 0 || answer.empty())
		throw Error("measuring ended early: is there enough memory?");
	Json result = Json::parse(answer);
	if (result.contains("error"))
		throw Error(result["error"].get<std::string>());
	result["peak_memory_bytes"] = 1024 * static_cast<int64_t>(usage.ru_maxrss);
	return result;
}

} // namespace matting
