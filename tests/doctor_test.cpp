// SPDX-License-Identifier: GPL-2.0-or-later
// `doctor` through the program.
#include "golden.hpp"
#include "program.hpp"
#include "variable.hpp"

#include "inference/cli/doctor_machine.hpp"

#include <cstdlib>
#include <regex>

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
	/// With the filter beside it, as it is unpacked.
	Circumstances with_filter(const std::string &tree) const
	{
		const Circumstances all = without_parts(tree);
		write_file(path(tree + "/bin/64bit/obs-background-matting.so"), "the filter");
		return all;
	}
	/// An OBS of packages, found first. Those that this system has are out of sight.
	void install_obs(const std::string &version = "30.2.3") const
	{
		std::filesystem::create_directories(path("usr/bin"));
		if (!exists("usr/bin/timeout"))
			std::filesystem::create_symlink("/usr/bin/timeout", path("usr/bin/timeout"));
		write_file(path("usr/bin/obs"), "#!/bin/sh\necho 'OBS Studio - " + version + " (linux)'\n");
		std::filesystem::permissions(path("usr/bin/obs"), std::filesystem::perms::owner_all);
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
	EXPECT_EQ(report["device"]["why"], "it was chosen");
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
	EXPECT_THAT(problems(report),
		    Contains(AllOf(HasSubstr("`matte` knows no videos, and of pictures single ones only: "),
				   HasSubstr("libbackground-matting-ffmpeg.so"))));
	EXPECT_THAT(problems(report), Contains(AllOf(HasSubstr("`train` and `eval --procedural` do not work: "),
						     HasSubstr("libbackground-matting-drawing.so"))));
}

TEST_F(Doctor, SaysOfEachCauseOnlyWhatComesOfIt)
{
	const Variable wrong("MATTING_ISA", "v5");
	const Json report = ask({"--device", "cpu"});
	EXPECT_TRUE(report["processor"].is_null());
	EXPECT_THAT(problems(report), Contains(HasSubstr("nothing can be matted: MATTING_ISA is v5")));
	EXPECT_THAT(problems(report), Not(Contains(HasSubstr("the processor: "))));
}

TEST_F(Doctor, TellsNobodyTheNameOfTheHomeFolder)
{
	const Variable home("HOME", path(""));
	write_file(path("damaged.pth"), "PK\x03\x04");
	const Json report = ask({"--model", path("damaged.pth")}, without_parts());
	EXPECT_EQ(report["program"], "~/bin/64bit/background-matting");
	EXPECT_THAT(problems(report), Contains(HasSubstr("~/damaged.pth")));
	EXPECT_THAT(report.dump(), Not(HasSubstr(path("").substr(0, path("").size() - 1))));
}

const auto looks_elsewhere = Contains(HasSubstr("does not look where this is installed"));

TEST_F(Doctor, SaysWhetherObsFindsTheFilter)
{
	install_obs();
	const Variable home("HOME", path("")), config("XDG_CONFIG_HOME", ""), places("PATH", path("usr/bin"));
	const auto problems_in = [&](const std::string &tree) {
		return problems(ask({"--device", "cpu"}, with_filter(tree)));
	};
	const std::string name = "obs-background-matting";
	EXPECT_THAT(problems_in("Downloads/" + name), looks_elsewhere);
	EXPECT_THAT(problems_in(".config/obs-studio/plugins/" + name + "/" + name), looks_elsewhere) << "too deep";
	EXPECT_THAT(problems_in(".config/obs-studio/plugins/" + name), Not(looks_elsewhere));
	const std::string packaged = "usr/lib/" + name, own = path("usr/lib/x86_64-linux-gnu/obs-plugins");
	EXPECT_THAT(problems_in(packaged), looks_elsewhere);
	std::filesystem::create_directories(own);
	std::filesystem::create_symlink(path(packaged + "/bin/64bit/" + name + ".so"), own + "/" + name + ".so");
	EXPECT_THAT(problems_in(packaged), Not(looks_elsewhere));
	EXPECT_THAT(problems_in(".local/share/obs-studio/plugins/" + name), looks_elsewhere) << "before OBS 33";
	const Variable told("OBS_PLUGINS_PATH", path("elsewhere/%module%/bin/64bit"));
	EXPECT_THAT(problems_in("elsewhere/" + name), looks_elsewhere) << "before OBS 33";
	{
		const Variable data("OBS_PLUGINS_DATA_PATH", path("elsewhere/%module%/data"));
		EXPECT_THAT(problems_in("elsewhere/" + name), Not(looks_elsewhere));
	}
	install_obs("33.0.0");
	EXPECT_THAT(problems_in("elsewhere/" + name), Not(looks_elsewhere));
	EXPECT_THAT(problems_in(".local/share/obs-studio/plugins/" + name), Not(looks_elsewhere));
	EXPECT_THAT(problems(ask({"--device", "cpu"}, without_parts("alone"))),
		    Contains(AllOf(HasSubstr("the filter is not in OBS: "), HasSubstr(name + ".so"))));
}

// Each has folders of its own.
TEST_F(Doctor, KnowsObsOfFlatpak)
{
	const Variable home("HOME", path("")), places("PATH", path("usr/bin"));
	std::filesystem::create_directories(path(".local/share/flatpak/app/com.obsproject.Studio"));
	const std::string name = "/obs-studio/plugins/obs-background-matting";
	const auto in_flatpak = with_filter(".var/app/com.obsproject.Studio/config" + name);
	EXPECT_THAT(problems(ask({"--device", "cpu"}, in_flatpak)), Not(looks_elsewhere));
	const auto in_packages = with_filter(".config" + name);
	EXPECT_THAT(problems(ask({"--device", "cpu"}, in_packages)), looks_elsewhere) << "only Flatpak's is there";
	install_obs();
	const Json with_both = ask({"--device", "cpu"}, in_packages);
	EXPECT_THAT(problems(with_both), Not(looks_elsewhere));
	EXPECT_THAT(with_both["obs"].dump(), AllOf(HasSubstr("30.2.3"), HasSubstr("(flatpak)")));
}

// The words of NVIDIA's two kinds of driver.
TEST(DoctorOfCards, KnowsTheDriversVersion)
{
	for (const std::string line :
	     {"NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.95.05  Tue Sep 23 10:11:16 UTC 2025",
	      "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (dvs-builder@U22-I3)  Tue"}) {
		std::smatch match;
		ASSERT_TRUE(std::regex_search(line, match, std::regex(driver_pattern))) << line;
		EXPECT_EQ(match[1], "580.95.05") << line;
	}
}

// A library that ends the process as it is loaded: a driver can do that, too.
TEST_F(Doctor, SaysWhatItHasFoundWhenAPartCrashes)
{
	const Circumstances circumstances = without_parts();
	const std::string library = path("bin/64bit/libbackground-matting-ffmpeg.so");
	write_file(path("crash.cpp"), "#include <cstdlib>\nstruct Crash { Crash() { std::abort(); } } crash;\n");
	ASSERT_EQ(std::system(("c++ -shared -fPIC -o '" + library + "' '" + path("crash.cpp") + "'").c_str()), 0);
	const Json report = ask({"--device", "cpu"}, circumstances);
	EXPECT_EQ(report["device"]["used"], "cpu");
	EXPECT_TRUE(report["ffmpeg"].is_null());
	EXPECT_THAT(problems(report), Contains(AllOf(HasSubstr("the parts of the program: "), HasSubstr("Aborted"))));
}

// As a full disk leaves it. What is mapped and not there would end the program with a signal, before a word was said.
TEST_F(Doctor, SaysWhichPartIsCutOff)
{
	const Circumstances circumstances = without_parts();
	const auto part = std::filesystem::path(MATTING_PROGRAM).parent_path() / "libbackground-matting-ffmpeg.so";
	const std::string whole = read_file(part);
	for (const size_t percent : {1, 30, 60}) {
		write_file(path("bin/64bit/libbackground-matting-ffmpeg.so"),
			   whole.substr(0, whole.size() * percent / 100));
		const Json report = ask({"--device", "cpu"}, circumstances);
		EXPECT_THAT(problems(report),
			    Contains(AllOf(HasSubstr("`matte` knows no videos, and of pictures single ones only: "),
					   HasSubstr("its file is cut off"))))
			<< percent;
	}
}

TEST_F(Doctor, SaysThatTheCurrentFolderIsGone)
{
	const auto here = std::filesystem::current_path();
	std::filesystem::create_directory(path("gone"));
	std::filesystem::current_path(path("gone"));
	std::filesystem::remove(path("gone"));
	const ProgramRun run = run_program({"doctor"});
	std::filesystem::current_path(here);
	EXPECT_THAT(run, fails_saying("the folder that you are in is gone: change to another one"));
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
