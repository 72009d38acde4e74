// SPDX-License-Identifier: GPL-2.0-or-later
// `doctor` through the program.
#include "golden.hpp"
#include "program.hpp"

#include <nlohmann/json.hpp>

namespace matting {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

class Doctor : public FolderTest {
protected:
	static Json ask(std::vector<std::string> arguments = {}, const Circumstances &circumstances = {})
	{
		arguments.insert(arguments.begin(), {"doctor", "--json"});
		const ProgramRun run = run_program(arguments, circumstances);
		EXPECT_EQ(run.status, 0) << run.errors;
		return Json::parse(run.output, nullptr, /*allow_exceptions=*/false);
	}
	static std::vector<std::string> problems(const Json &report)
	{
		return report.at("problems").get<std::vector<std::string>>();
	}
	/// A copy of the program alone, as if all its parts had been lost.
	Circumstances without_parts() const
	{
		std::filesystem::create_directories(path("bin/64bit"));
		std::filesystem::copy_file(MATTING_PROGRAM, path("bin/64bit/background-matting"));
		std::filesystem::create_symlink(project_root() / "data", path("data"));
		return {.program = path("bin/64bit/background-matting")};
	}
};

TEST_F(Doctor, SaysWhatItFindsAndWhatItUses)
{
	const Json report = ask({"--device", "cpu"});
	EXPECT_EQ(report["version"], MATTING_VERSION);
	EXPECT_EQ(report["program"], std::filesystem::canonical(MATTING_PROGRAM).string());
	EXPECT_EQ(report["model"]["known_as"], "bundled");
	EXPECT_EQ(report["model"]["sha256"].get<std::string>().size(), 64U);
	EXPECT_EQ(report["device"]["wanted"], "cpu");
	EXPECT_EQ(report["device"]["used"], "cpu");
	EXPECT_GT(report["device"]["first_matte_ms"], 0);
	EXPECT_THAT(report["processor"]["instruction_sets"], Contains(report["processor"]["instruction_set"]));
	EXPECT_EQ(report["drawing"], "works");
	EXPECT_THAT(report["ffmpeg"].get<std::string>(), Not(testing::IsEmpty()));
	for (const char *key : {"system", "graphics_cards", "obs", "landlock"})
		EXPECT_TRUE(report.contains(key)) << key;
}

TEST_F(Doctor, SaysWhatWouldGoWrong)
{
	write_file(path("damaged.pth"), "PK\x03\x04");
	const Json report = ask({"--model", path("damaged.pth"), "--device", "cuda:99"}, without_parts());
	EXPECT_TRUE(report["model"].is_null());
	EXPECT_TRUE(report["device"].is_null());
	EXPECT_THAT(problems(report), Contains(AllOf(HasSubstr("the model: "), HasSubstr("damaged.pth"))));
	EXPECT_THAT(problems(report), Contains(HasSubstr("nothing can be matted: ")));
	EXPECT_THAT(problems(report), Contains(AllOf(HasSubstr("`matte` can read and write nothing: "),
						     HasSubstr("libbackground-matting-ffmpeg.so"))));
	EXPECT_THAT(problems(report), Contains(AllOf(HasSubstr("`train` and `eval --procedural` do not work: "),
						     HasSubstr("libbackground-matting-drawing.so"))));
}

TEST_F(Doctor, MattesWithoutItsOtherParts)
{
	EXPECT_EQ(ask({"--device", "cpu"}, without_parts())["device"]["used"], "cpu");
}

TEST_F(Doctor, SaysItForPeople)
{
	const ProgramRun run = run_program({"doctor"});
	for (const char *part : {"version:", "system:\n", "  glibc:", "problems:"})
		EXPECT_THAT(run.output, HasSubstr(part));
}

} // namespace
} // namespace matting
