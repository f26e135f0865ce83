daicho_fuzz(schedule SOURCES ${CMAKE_CURRENT_LIST_DIR}/../schedule_fuzz.cc DEPS daicho_reports)
