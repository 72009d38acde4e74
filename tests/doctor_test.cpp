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
		const Json report = Json::parse(run.output, nullptr, /*allow_exceptions=*/false);
		const bool can_matte = !report.at("model").is_null() && !report.at("device").is_null();
		EXPECT_EQ(run.status, can_matte ? 0 : 1) << run.errors;
		EXPECT_EQ(run.errors.find("nothing can be matted here") == run.errors.npos, can_matte) << run.errors;
		return report;
	}
	static std::vector<std::string> problems(const Json &report)
	{
		return report.at("problems").get<std::vector<std::string>>();
	}
	/// A copy of the program alone, as if all its parts had been lost.
	Circumstances without_parts() const
	{
		if (exists("bin/64bit"))
			return {.program = path("bin/64bit/background-matting")};
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
	EXPECT_THAT(report["program"].get<std::string>(), testing::EndsWith("/background-matting"));
	EXPECT_EQ(report["model"]["known_as"], "bundled");
	EXPECT_EQ(report["model"]["sha256"].get<std::string>().size(), 64U);
	EXPECT_EQ(report["device"]["wanted"], "cpu");
	EXPECT_EQ(report["device"]["used"], "cpu");
	EXPECT_GT(report["device"]["first_matte_ms"], 0);
	EXPECT_THAT(report["processor"]["instruction_sets"], Contains(report["processor"]["instruction_set"]));
	EXPECT_EQ(report["drawing"], "works");
	EXPECT_THAT(report["ffmpeg"].get<std::string>(), Not(testing::IsEmpty()));
	EXPECT_THAT(report["libcurl"].get<std::string>(), HasSubstr("libcurl/"));
	for (const char *key : {"system", "graphics_cards", "obs", "landlock"})
		EXPECT_TRUE(report.contains(key)) << key;
}

TEST_F(Doctor, SaysWhatWouldGoWrong)
{
	write_file(path("damaged.pth"), "PK\x03\x04");
	const Json report = ask({"--model", path("damaged.pth"), "--device", "cuda:99"}, without_parts());
	EXPECT_TRUE(report["model"].is_null());
	EXPECT_TRUE(report["device"].is_null());
	EXPECT_THAT(problems(report), Contains(AllOf(HasSubstr("nothing can be matted: "), HasSubstr("damaged.pth"))));
	EXPECT_THAT(problems(report),
		    Contains(AllOf(HasSubstr("nothing can be matted: "), HasSubstr("use the device cpu"))));
	EXPECT_THAT(problems(report), Contains(AllOf(HasSubstr("`matte` can read and write nothing: "),
						     HasSubstr("libbackground-matting-ffmpeg.so"))));
	EXPECT_THAT(problems(report), Contains(AllOf(HasSubstr("`train` and `eval --procedural` do not work: "),
						     HasSubstr("libbackground-matting-drawing.so"))));
}

TEST_F(Doctor, SaysOfEachCauseOnlyWhatComesOfIt)
{
	setenv("MATTING_ISA", "v5", 1);
	const Json report = ask({"--device", "cpu"});
	unsetenv("MATTING_ISA");
	EXPECT_TRUE(report["processor"].is_null());
	EXPECT_THAT(problems(report), Contains(HasSubstr("nothing can be matted: MATTING_ISA is v5")));
	EXPECT_THAT(problems(report), Not(Contains(HasSubstr("the processor: "))));
}

TEST_F(Doctor, TellsNobodyTheNameOfTheHomeFolder)
{
	const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
	write_file(path("damaged.pth"), "PK\x03\x04");
	setenv("HOME", path("").c_str(), 1);
	const Json report = ask({"--model", path("damaged.pth")}, without_parts());
	setenv("HOME", home.c_str(), 1);
	EXPECT_EQ(report["program"], "~/bin/64bit/background-matting");
	EXPECT_THAT(problems(report), Contains(HasSubstr("~/damaged.pth")));
	EXPECT_THAT(report.dump(), Not(HasSubstr(path("").substr(0, path("").size() - 1))));
}

// Which OBS that is goes by the folder, of which each has its own.
TEST_F(Doctor, IsContentWithOneObsThatLooksHere)
{
	const auto programs = path("usr/bin"), flatpak = path(".local/share/flatpak/app/com.obsproject.Studio");
	const auto complaint = Contains(HasSubstr("does not look where this is installed"));
	const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "", places = std::getenv("PATH");
	std::filesystem::create_directories(flatpak);
	setenv("HOME", path("").c_str(), 1);
	setenv("PATH", programs.c_str(), 1);
	const std::string own =
		".var/app/com.obsproject.Studio/config/obs-studio/plugins/obs-background-matting/bin/64bit/";
	std::filesystem::create_directories(path(own));
	std::filesystem::copy_file(MATTING_PROGRAM, path(own + "background-matting"));
	const Json in_flatpak = ask({"--device", "cpu"}, {.program = path(own + "background-matting")});
	EXPECT_THAT(problems(in_flatpak), Not(complaint));

	const Json without = ask({"--device", "cpu"}, without_parts());
	EXPECT_THAT(problems(without), complaint) << "only Flatpak's is there";
	std::filesystem::create_directories(programs);
	std::filesystem::create_symlink("/usr/bin/timeout", programs + "/timeout");
	write_file(programs + "/obs", "#!/bin/sh\necho 'OBS Studio - 30.2.3 (linux)'\n");
	std::filesystem::permissions(programs + "/obs", std::filesystem::perms::owner_all);
	const Json with_both = ask({"--device", "cpu"}, without_parts());
	EXPECT_THAT(problems(with_both), Not(complaint));
	EXPECT_THAT(with_both["obs"].dump(), AllOf(HasSubstr("30.2.3"), HasSubstr("(flatpak)")));
	setenv("HOME", home.c_str(), 1);
	setenv("PATH", places.c_str(), 1);
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
