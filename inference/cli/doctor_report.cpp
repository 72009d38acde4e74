// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor_report.hpp"

#include "inference/process_apart.hpp"

#include <exception>

namespace matting {

void Report::add_problem(const std::string &what, const std::string &cause)
{
	std::erase_if(problems, [&](const Problem &known) { return known.cause == cause; });
	problems.push_back({what, cause});
}

void Report::add(const char *key, const std::string &what, const std::function<Json()> &look)
{
	try {
		found[key] = look();
	} catch (const std::exception &error) {
		found[key] = nullptr;
		add_problem(what, error.what());
	}
}

void Report::add_apart(const std::vector<const char *> &keys, const std::string &what, std::chrono::seconds patience,
		       const std::function<void(Report &)> &look)
try {
	const auto answer = [&look] {
		Report own;
		look(own);
		Json list = Json::array();
		for (const Problem &problem : own.problems)
			list.push_back({problem.what, problem.cause});
		const Json both{own.found, list};
		return both.dump(-1, ' ', false, Json::error_handler_t::replace); // names of any bytes
	};
	const Json both = Json::parse(run_apart(answer, patience).text);
	found.update(both[0]);
	for (const Json &problem : both[1])
		add_problem(problem[0], problem[1]);
} catch (const std::exception &error) {
	for (const char *key : keys)
		found[key] = nullptr;
	add_problem(what, error.what());
}

} // namespace matting
